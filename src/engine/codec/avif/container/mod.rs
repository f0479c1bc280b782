//! The part of HEIF (ISO/IEC 23008-12) and of its container (ISO/IEC 14496-12) that an AVIF still has.
//!
//! Boxes are read by name where they are expected, so that the depth of nesting is that of this code. All work is linear in
//! the bytes of the file, and nothing is allocated by a size that a file claims.

mod meta;
mod properties;
mod reader;
mod write;

use std::borrow::Cow;
use std::collections::BTreeMap;

use self::meta::{Item, Meta};
use self::properties::Property;
pub(super) use self::properties::{CleanAperture, Nclx, Transform};
use self::reader::{FourCc, Reader};
pub(super) use self::write::{Coded as WrittenCoded, Color, Payload, write};
use crate::engine::RenderError;

/// How many turns, mirrorings and crops an image may ask for. One of each is what there is.
const MAX_TRANSFORMS: usize = 8;
/// How many tiles a grid may have.
const MAX_TILES: usize = 1024;

/// The picture that a file is about.
#[derive(Debug)]
pub(super) struct Still<'a> {
    pub(super) color: Coded<'a>,
    pub(super) alpha: Option<Coded<'a>>,
    /// Whether the colours were multiplied by alpha.
    pub(super) premultiplied: bool,
    pub(super) nclx: Option<Nclx>,
    pub(super) icc: Option<&'a [u8]>,
    pub(super) transforms: Vec<Transform>,
}

/// An image in AV1: one, or a grid of them.
#[derive(Debug)]
pub(super) struct Coded<'a> {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) columns: u32,
    pub(super) tiles: Vec<Tile<'a>>,
    /// The items that the tiles of a grid are.
    tile_ids: Vec<u32>,
    /// The sample range that the container tells, which counts more than the stream's.
    pub(super) full_range: Option<bool>,
}

/// An AV1 stream, and the size of the image in it.
#[derive(Debug)]
pub(super) struct Tile<'a> {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) stream: Cow<'a, [u8]>,
}

/// Whether the file says that it is an AVIF.
pub(super) fn recognizes(source: &[u8]) -> bool {
    brands(source).is_some_and(|brands| brands.has(*b"avif") || brands.has(*b"avis"))
}

/// Whether the file says that it is a sequence of images before anything else.
pub(super) fn is_sequence(source: &[u8]) -> bool {
    brands(source).is_some_and(|brands| brands.major == b"avis")
}

struct Brands<'a> {
    major: &'a [u8],
    all: &'a [u8],
}

impl Brands<'_> {
    fn has(&self, brand: FourCc) -> bool {
        self.all.chunks_exact(4).any(|other| *other == brand)
    }
}

fn brands(source: &[u8]) -> Option<Brands<'_>> {
    let (kind, payload) = Reader::new(source).next_box().ok()??;
    let all = payload.rest();
    let major = all.get(..4)?;
    (kind == *b"ftyp").then_some(Brands { major, all })
}

/// Reads the still picture of a file.
pub(super) fn still(file: &[u8]) -> Result<Still<'_>, RenderError> {
    let meta = Meta::parse(top_level(file, *b"meta")?)?;
    let primary = meta
        .primary
        .ok_or_else(|| RenderError::corrupt("the AVIF has no primary item"))?;
    let mut budget = file.len();
    let item = meta.item(primary)?;
    let color = coded(&meta, item, primary, file, &mut budget)?;

    let alphas = alphas(&meta)?;
    let alpha_id = alphas.get(&primary).copied();
    let alpha = alpha_id.map(|id| coded(&meta, meta.item(id)?, id, file, &mut budget));
    let premultiplied = meta.references(*b"prem").any(|reference| {
        reference.from == primary && alpha_id.is_some_and(|id| reference.to.contains(&id))
    });

    if alpha_id.is_none() && color.tile_ids.iter().any(|id| alphas.contains_key(id)) {
        return Err(RenderError::unsupported(
            "the tiles of the AVIF have each an alpha",
        ));
    }

    let mut still = Still {
        color,
        alpha: alpha.transpose()?,
        premultiplied,
        nclx: None,
        icc: None,
        transforms: Vec::new(),
    };
    for property in meta.properties_of(item)? {
        match *property {
            Property::Nclx(nclx) => still.nclx = Some(nclx),
            Property::Icc(icc) => still.icc = Some(icc),
            Property::Transform(transform) => {
                if still.transforms.len() >= MAX_TRANSFORMS {
                    return Err(RenderError::too_large("the AVIF is turned too often"));
                }
                still.transforms.push(transform);
            }
            _ => {}
        }
    }
    Ok(still)
}

/// The first box of a name. What follows it is not looked at.
fn top_level(file: &[u8], name: FourCc) -> Result<Reader<'_>, RenderError> {
    let mut boxes = Reader::new(file);
    while let Some((kind, payload)) = boxes.next_box()? {
        if kind == name {
            return Ok(payload);
        }
    }
    Err(RenderError::corrupt(
        "the AVIF lacks a box that it must have",
    ))
}

/// The alpha item of each image that has one.
fn alphas(meta: &Meta<'_>) -> Result<BTreeMap<u32, u32>, RenderError> {
    const ALPHA: [&[u8]; 2] = [
        b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha",
        b"urn:mpeg:hevc:2015:auxid:1",
    ];
    let mut alphas = BTreeMap::new();
    for reference in meta.references(*b"auxl") {
        let properties = meta.properties_of(meta.item(reference.from)?)?;
        let is_alpha = |property: &&Property<'_>| matches!(property, Property::Auxiliary(kind) if ALPHA.contains(kind));
        if properties.iter().any(is_alpha) {
            let images = reference.to.iter();
            alphas.extend(images.map(|&image| (image, reference.from)));
        }
    }
    Ok(alphas)
}

fn coded<'a>(
    meta: &Meta<'a>,
    item: &Item<'a>,
    id: u32,
    file: &'a [u8],
    budget: &mut usize,
) -> Result<Coded<'a>, RenderError> {
    let full_range = meta
        .properties_of(item)?
        .iter()
        .find_map(|property| match property {
            Property::Nclx(nclx) => Some(nclx.full_range),
            _ => None,
        });
    match &item.kind {
        b"av01" => {
            let tile = tile(meta, item, file, budget)?;
            Ok(Coded {
                width: tile.width,
                height: tile.height,
                columns: 1,
                tiles: vec![tile],
                tile_ids: Vec::new(),
                full_range,
            })
        }
        b"grid" => {
            let mut coded = grid(meta, item, id, file, budget)?;
            coded.full_range = full_range;
            Ok(coded)
        }
        _ => Err(RenderError::unsupported(
            "the picture in the AVIF is not AV1",
        )),
    }
}

fn tile<'a>(
    meta: &Meta<'a>,
    item: &Item<'a>,
    file: &'a [u8],
    budget: &mut usize,
) -> Result<Tile<'a>, RenderError> {
    let (width, height) = size_of(meta, item)?;
    Ok(Tile {
        width,
        height,
        stream: meta.data(item, file, budget)?,
    })
}

fn size_of(meta: &Meta<'_>, item: &Item<'_>) -> Result<(u32, u32), RenderError> {
    let properties = meta.properties_of(item)?;
    let size = properties.iter().find_map(|property| match property {
        Property::Size(width, height) => Some((*width, *height)),
        _ => None,
    });
    size.filter(|&(width, height)| width > 0 && height > 0)
        .ok_or_else(|| RenderError::corrupt("an image of the AVIF has no size"))
}

/// Reads a grid (ISO/IEC 23008-12, 6.6.2.3). Its tiles are AV1: a grid of grids is none.
fn grid<'a>(
    meta: &Meta<'a>,
    item: &Item<'a>,
    id: u32,
    file: &'a [u8],
    budget: &mut usize,
) -> Result<Coded<'a>, RenderError> {
    let wrong = || RenderError::corrupt("the tiles of the AVIF do not make a picture");

    let description = meta.data(item, file, budget)?;
    let mut description = Reader::new(&description);
    let version = description.u8()?;
    let wide = description.u8()? & 1 != 0;
    if version != 0 {
        return Err(RenderError::unsupported("the AVIF's grid is not known"));
    }
    let rows = u32::from(description.u8()?) + 1;
    let columns = u32::from(description.u8()?) + 1;
    let width = description.narrow_or_wide(wide)?;
    let height = description.narrow_or_wide(wide)?;
    if size_of(meta, item)? != (width, height) {
        return Err(wrong());
    }

    let reference = meta
        .references(*b"dimg")
        .find(|reference| reference.from == id)
        .ok_or_else(wrong)?;
    let count = usize::try_from(rows * columns).map_err(|_| wrong())?;
    if count > MAX_TILES {
        return Err(RenderError::too_large("the AVIF has too many tiles"));
    }
    if reference.to.len() != count {
        return Err(wrong());
    }
    let mut tiles = Vec::with_capacity(count);
    for &id in &reference.to {
        let item = meta.item(id)?;
        if item.kind != *b"av01" {
            return Err(RenderError::unsupported("a tile of the AVIF is not AV1"));
        }
        tiles.push(tile(meta, item, file, budget)?);
    }

    // All tiles are of one size; only the last ones of a row or a column may reach over the edge.
    let first = tiles.first().ok_or_else(wrong)?;
    let (tile_width, tile_height) = (first.width, first.height);
    let alike = tiles
        .iter()
        .all(|tile| (tile.width, tile.height) == (tile_width, tile_height));
    let covers = |count: u32, tile: u32, whole: u32| {
        let (count, tile, whole) = (u64::from(count), u64::from(tile), u64::from(whole));
        (count - 1) * tile < whole && whole <= count * tile
    };
    if !alike || !covers(columns, tile_width, width) || !covers(rows, tile_height, height) {
        return Err(wrong());
    }
    Ok(Coded {
        width,
        height,
        columns,
        tiles,
        tile_ids: reference.to.clone(),
        full_range: None,
    })
}
