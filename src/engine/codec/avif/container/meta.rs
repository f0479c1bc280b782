use std::borrow::Cow;
use std::collections::BTreeMap;

use super::properties::Property;
use super::reader::{FourCc, Reader};
use crate::engine::RenderError;

/// How many items a file may have. A grid of a large photo has about a hundred.
const MAX_ITEMS: usize = 2048;
/// How many properties a file may have.
const MAX_PROPERTIES: usize = 4096;
/// How many properties an item may have.
const MAX_ASSOCIATIONS: usize = 64;
/// How many times items may refer to others.
const MAX_REFERENCES: usize = 16_384;

/// What a `meta` box says (ISO/IEC 14496-12, 8.11; ISO/IEC 23008-12, 6 and 9).
#[derive(Debug, Default)]
pub(super) struct Meta<'a> {
    pub(super) primary: Option<u32>,
    items: BTreeMap<u32, Item<'a>>,
    properties: Vec<Property<'a>>,
    references: Vec<Reference>,
    idat: &'a [u8],
}

/// An item: a coded image, a derived one, or metadata.
#[derive(Debug, Default)]
pub(super) struct Item<'a> {
    pub(super) kind: FourCc,
    location: Option<Location<'a>>,
    /// Which properties it has: their index, from 1, and whether a reader must understand them.
    associations: Vec<(usize, bool)>,
}

/// Where the bytes of an item are. The extents are read when they are needed: most items' never are.
#[derive(Clone, Copy, Debug)]
struct Location<'a> {
    in_idat: bool,
    base: u64,
    extents: Reader<'a>,
    count: u16,
    index_size: u8,
    offset_size: u8,
    length_size: u8,
}

/// That an item refers to others.
#[derive(Debug)]
pub(super) struct Reference {
    pub(super) kind: FourCc,
    pub(super) from: u32,
    pub(super) to: Vec<u32>,
}

impl<'a> Meta<'a> {
    pub(super) fn parse(mut meta: Reader<'a>) -> Result<Self, RenderError> {
        meta.version_and_flags()?;
        let mut parsed = Self::default();
        let mut is_picture = false;
        while let Some((kind, mut payload)) = meta.next_box()? {
            match &kind {
                b"hdlr" => {
                    payload.take(8)?;
                    is_picture = payload.four_cc()? == *b"pict";
                }
                b"pitm" => {
                    let (version, _) = payload.version_and_flags()?;
                    parsed.primary = Some(payload.narrow_or_wide(version > 0)?);
                }
                b"iinf" => parsed.read_infos(payload)?,
                b"iloc" => parsed.read_locations(payload)?,
                b"iprp" => parsed.read_properties(payload)?,
                b"iref" => parsed.read_references(payload)?,
                b"idat" => parsed.idat = payload.rest(),
                _ => {}
            }
        }
        if !is_picture {
            return Err(RenderError::corrupt("the AVIF's items are no pictures"));
        }
        Ok(parsed)
    }

    pub(super) fn item(&self, id: u32) -> Result<&Item<'a>, RenderError> {
        self.items
            .get(&id)
            .ok_or_else(|| RenderError::corrupt("the AVIF lacks an item that it refers to"))
    }

    /// The properties of an item, in their order. One that has to be understood and is not makes the item unsupported.
    pub(super) fn properties_of(&self, item: &Item<'a>) -> Result<Vec<&Property<'a>>, RenderError> {
        let mut properties = Vec::with_capacity(item.associations.len());
        for &(index, essential) in &item.associations {
            // Index 0 says that there is no property.
            let Some(index) = index.checked_sub(1) else {
                continue;
            };
            match self.properties.get(index) {
                Some(Property::Unknown) if essential => {
                    return Err(RenderError::unsupported(
                        "the AVIF has a property that is not known",
                    ));
                }
                Some(property) => properties.push(property),
                None => {
                    return Err(RenderError::corrupt(
                        "the AVIF lacks a property that it refers to",
                    ));
                }
            }
        }
        Ok(properties)
    }

    /// The references of a kind.
    pub(super) fn references(&self, kind: FourCc) -> impl Iterator<Item = &Reference> {
        self.references
            .iter()
            .filter(move |reference| reference.kind == kind)
    }

    /// The bytes of an item, out of `file`.
    ///
    /// `budget` is how many bytes may still be put together from pieces. Files name each byte once, so that the file's
    /// length does for all items.
    pub(super) fn data(
        &self,
        item: &Item<'a>,
        file: &'a [u8],
        budget: &mut usize,
    ) -> Result<Cow<'a, [u8]>, RenderError> {
        let missing = || RenderError::corrupt("the bytes of an item of the AVIF are missing");
        let location = item.location.ok_or_else(missing)?;
        let resource = if location.in_idat { self.idat } else { file };
        let mut data = Cow::Borrowed(&[][..]);
        let mut extents = location.extents;
        for number in 0..location.count {
            extents.sized(location.index_size)?;
            let offset = extents.sized(location.offset_size)?;
            let length = extents.sized(location.length_size)?;
            let start = location.base.checked_add(offset);
            let start = start.and_then(|start| usize::try_from(start).ok());
            let from_start = start.and_then(|start| resource.get(start..));
            let from_start = from_start.ok_or_else(missing)?;
            let extent = match usize::try_from(length).map_err(|_| missing())? {
                0 => from_start,
                length => from_start.get(..length).ok_or_else(missing)?,
            };
            if number == 0 {
                data = Cow::Borrowed(extent);
                continue;
            }
            let copied = if number == 1 { data.len() } else { 0 } + extent.len();
            *budget = budget.checked_sub(copied).ok_or_else(|| {
                RenderError::corrupt("the items of the AVIF have more bytes than the file")
            })?;
            data.to_mut().extend_from_slice(extent);
        }
        if data.is_empty() {
            return Err(missing());
        }
        Ok(data)
    }

    fn item_mut(&mut self, id: u32) -> Result<&mut Item<'a>, RenderError> {
        if self.items.len() >= MAX_ITEMS && !self.items.contains_key(&id) {
            return Err(RenderError::too_large("the AVIF has too many items"));
        }
        Ok(self.items.entry(id).or_default())
    }

    fn read_infos(&mut self, mut payload: Reader<'a>) -> Result<(), RenderError> {
        let (version, _) = payload.version_and_flags()?;
        payload.narrow_or_wide(version > 0)?;
        while let Some((kind, mut info)) = payload.next_box()? {
            if kind != *b"infe" {
                continue;
            }
            let (version, _) = info.version_and_flags()?;
            if version < 2 {
                continue; // has no type
            }
            let id = info.narrow_or_wide(version > 2)?;
            let protection = info.u16()?;
            let kind = info.four_cc()?;
            if protection == 0 {
                self.item_mut(id)?.kind = kind;
            }
        }
        Ok(())
    }

    fn read_locations(&mut self, mut payload: Reader<'a>) -> Result<(), RenderError> {
        let (version, _) = payload.version_and_flags()?;
        if version > 2 {
            return Err(RenderError::unsupported(
                "the AVIF locates its items in a way that is not known",
            ));
        }
        let [offset_length, base_index] = payload.u16()?.to_be_bytes();
        let (offset_size, length_size) = (offset_length >> 4, offset_length & 15);
        let base_size = base_index >> 4;
        let index_size = if version == 0 { 0 } else { base_index & 15 };
        for _ in 0..payload.narrow_or_wide(version == 2)? {
            let id = payload.narrow_or_wide(version == 2)?;
            let method = if version == 0 { 0 } else { payload.u16()? & 15 };
            let elsewhere = payload.u16()? != 0;
            let base = payload.sized(base_size)?;
            let count = payload.u16()?;
            let extent = usize::from(index_size) + usize::from(offset_size + length_size);
            let extents = payload.take(extent * usize::from(count))?;
            if method > 1 || elsewhere {
                continue; // bytes of other items, or of another file
            }
            self.item_mut(id)?.location = Some(Location {
                in_idat: method == 1,
                base,
                extents: Reader::new(extents),
                count,
                index_size,
                offset_size,
                length_size,
            });
        }
        Ok(())
    }

    fn read_properties(&mut self, mut payload: Reader<'a>) -> Result<(), RenderError> {
        while let Some((kind, mut payload)) = payload.next_box()? {
            match &kind {
                b"ipco" => {
                    while let Some((kind, property)) = payload.next_box()? {
                        if self.properties.len() >= MAX_PROPERTIES {
                            return Err(RenderError::too_large("the AVIF has too many properties"));
                        }
                        self.properties.push(Property::parse(kind, property)?);
                    }
                }
                b"ipma" => self.read_associations(payload)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn read_associations(&mut self, mut payload: Reader<'a>) -> Result<(), RenderError> {
        let (version, flags) = payload.version_and_flags()?;
        let wide = flags & 1 != 0;
        for _ in 0..payload.u32()? {
            let id = payload.narrow_or_wide(version > 0)?;
            for _ in 0..payload.u8()? {
                let (index, essential) = if wide {
                    let both = payload.u16()?;
                    (usize::from(both & 0x7FFF), both & 0x8000 != 0)
                } else {
                    let both = payload.u8()?;
                    (usize::from(both & 0x7F), both & 0x80 != 0)
                };
                let associations = &mut self.item_mut(id)?.associations;
                if associations.len() >= MAX_ASSOCIATIONS {
                    return Err(RenderError::too_large(
                        "an item of the AVIF has too many properties",
                    ));
                }
                associations.push((index, essential));
            }
        }
        Ok(())
    }

    fn read_references(&mut self, mut payload: Reader<'a>) -> Result<(), RenderError> {
        let (version, _) = payload.version_and_flags()?;
        let wide = version > 0;
        let mut left = MAX_REFERENCES;
        while let Some((kind, mut reference)) = payload.next_box()? {
            let from = reference.narrow_or_wide(wide)?;
            let count = reference.u16()?;
            left = left
                .checked_sub(usize::from(count).max(1))
                .ok_or_else(|| RenderError::too_large("the AVIF has too many references"))?;
            let to = (0..count).map(|_| reference.narrow_or_wide(wide));
            let to = to.collect::<Result<_, _>>()?;
            self.references.push(Reference { kind, from, to });
        }
        Ok(())
    }
}
