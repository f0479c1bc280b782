use super::{FourCc, Nclx};
use crate::engine::RenderError;

/// What is to be written.
#[derive(Debug)]
pub(in super::super) struct Payload<'a> {
    pub(in super::super) width: u32,
    pub(in super::super) height: u32,
    pub(in super::super) color: Coded<'a>,
    pub(in super::super) alpha: Option<Coded<'a>>,
    pub(in super::super) meaning: Color<'a>,
    /// A TIFF structure.
    pub(in super::super) exif: Option<&'a [u8]>,
}

/// An AV1 stream of 8 bits.
#[derive(Debug)]
pub(in super::super) struct Coded<'a> {
    pub(in super::super) stream: &'a [u8],
    /// What `av1C` says of it (AV1-ISOBMFF, 2.3).
    pub(in super::super) configuration: [u8; 4],
    pub(in super::super) monochrome: bool,
}

/// What the colours mean.
#[derive(Debug)]
pub(in super::super) struct Color<'a> {
    pub(in super::super) nclx: Nclx,
    pub(in super::super) icc: Option<&'a [u8]>,
}

const COLOR: u16 = 1;
const ALPHA: u16 = 2;
const EXIF: u16 = 3;

/// Writes a file of one image (AVIF 1.1, MIAF profile not claimed).
pub(in super::super) fn write(payload: &Payload<'_>) -> Result<Vec<u8>, RenderError> {
    // An Exif item begins with where in it the TIFF structure does.
    let exif = payload.exif.map(|tiff| [&[0; 4], tiff].concat());
    let mut items: Vec<(u16, FourCc, &[u8])> = vec![(COLOR, *b"av01", payload.color.stream)];
    if let Some(alpha) = &payload.alpha {
        items.push((ALPHA, *b"av01", alpha.stream));
    }
    if let Some(exif) = &exif {
        items.push((EXIF, *b"Exif", exif));
    }

    let mut ftyp = Bytes::new(*b"ftyp");
    ftyp.put(b"avif\0\0\0\0avifmif1miaf");
    let mut file = ftyp.finish()?;

    // The locations are of a fixed length, so that the second `meta` is as long as the first.
    let length = meta(payload, &items, 0)?.len();
    let data = file.len() + length + 8;
    file.extend(meta(payload, &items, data)?);
    let mut mdat = Bytes::new(*b"mdat");
    for (_, _, bytes) in items {
        mdat.put(bytes);
    }
    file.extend(mdat.finish()?);
    Ok(file)
}

fn meta(
    payload: &Payload<'_>,
    items: &[(u16, FourCc, &[u8])],
    data: usize,
) -> Result<Vec<u8>, RenderError> {
    let mut meta = Bytes::full(*b"meta", 0, 0);

    let mut hdlr = Bytes::full(*b"hdlr", 0, 0);
    hdlr.put(b"\0\0\0\0pict\0\0\0\0\0\0\0\0\0\0\0\0\0");
    meta.child(hdlr)?;

    let mut pitm = Bytes::full(*b"pitm", 0, 0);
    pitm.u16(COLOR);
    meta.child(pitm)?;

    let mut iloc = Bytes::full(*b"iloc", 0, 0);
    iloc.u16(0x4400); // offsets and lengths of four bytes, no base
    iloc.length(items.len())?;
    let mut offset = data;
    for (id, _, bytes) in items {
        iloc.u16(*id);
        iloc.u16(0); // in this file
        iloc.u16(1); // in one piece
        iloc.u32(narrow(offset)?);
        iloc.u32(narrow(bytes.len())?);
        offset += bytes.len();
    }
    meta.child(iloc)?;

    let mut iinf = Bytes::full(*b"iinf", 0, 0);
    iinf.length(items.len())?;
    for (id, kind, _) in items {
        let mut infe = Bytes::full(*b"infe", 2, 0);
        infe.u16(*id);
        infe.u16(0); // not protected
        infe.put(kind);
        infe.put(b"\0"); // no name
        iinf.child(infe)?;
    }
    meta.child(iinf)?;

    let mut iref = Bytes::full(*b"iref", 0, 0);
    for (id, kind) in [(ALPHA, *b"auxl"), (EXIF, *b"cdsc")] {
        if items.iter().any(|(other, ..)| *other == id) {
            let mut reference = Bytes::new(kind);
            reference.u16(id);
            reference.u16(1);
            reference.u16(COLOR);
            iref.child(reference)?;
        }
    }
    if items.len() > 1 {
        meta.child(iref)?;
    }

    meta.child(properties(payload)?)?;
    meta.finish()
}

fn properties(payload: &Payload<'_>) -> Result<Bytes, RenderError> {
    const ESSENTIAL: u8 = 0x80;

    let mut ipco = Properties {
        ipco: Bytes::new(*b"ipco"),
        count: 0,
    };
    let mut size = Bytes::full(*b"ispe", 0, 0);
    size.u32(payload.width);
    size.u32(payload.height);
    let size = ipco.add(size)?;

    let mut of_color = vec![size];
    of_color.push(ipco.pixels(payload.color.monochrome)?);
    of_color.push(ipco.configuration(&payload.color)? | ESSENTIAL);
    let nclx = payload.meaning.nclx;
    let mut colr = Bytes::new(*b"colr");
    colr.put(b"nclx");
    colr.u16(nclx.primaries);
    colr.u16(nclx.transfer);
    colr.u16(nclx.matrix);
    colr.put(&[u8::from(nclx.full_range) << 7]);
    of_color.push(ipco.add(colr)?);
    if let Some(icc) = payload.meaning.icc {
        let mut colr = Bytes::new(*b"colr");
        colr.put(b"prof");
        colr.put(icc);
        of_color.push(ipco.add(colr)?);
    }
    let mut associations = vec![(COLOR, of_color)];

    if let Some(alpha) = &payload.alpha {
        let mut auxiliary = Bytes::full(*b"auxC", 0, 0);
        auxiliary.put(b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0");
        let of_alpha = vec![
            size,
            ipco.pixels(true)?,
            ipco.configuration(alpha)? | ESSENTIAL,
            ipco.add(auxiliary)?,
        ];
        associations.push((ALPHA, of_alpha));
    }

    let mut ipma = Bytes::full(*b"ipma", 0, 0);
    ipma.u32(narrow(associations.len())?);
    for (id, properties) in associations {
        ipma.u16(id);
        ipma.put(&[u8::try_from(properties.len()).unwrap_or(u8::MAX)]);
        ipma.put(&properties);
    }
    let mut iprp = Bytes::new(*b"iprp");
    iprp.child(ipco.ipco)?;
    iprp.child(ipma)?;
    Ok(iprp)
}

/// The properties of all items, which are told by their number.
struct Properties {
    ipco: Bytes,
    count: u8,
}

impl Properties {
    fn add(&mut self, property: Bytes) -> Result<u8, RenderError> {
        self.ipco.child(property)?;
        self.count += 1;
        Ok(self.count)
    }

    fn pixels(&mut self, monochrome: bool) -> Result<u8, RenderError> {
        let mut pixi = Bytes::full(*b"pixi", 0, 0);
        pixi.put(if monochrome { &[1, 8] } else { &[3, 8, 8, 8] });
        self.add(pixi)
    }

    fn configuration(&mut self, coded: &Coded<'_>) -> Result<u8, RenderError> {
        let mut configuration = Bytes::new(*b"av1C");
        configuration.put(&coded.configuration);
        self.add(configuration)
    }
}

/// A box that is being written.
struct Bytes {
    bytes: Vec<u8>,
}

impl Bytes {
    fn new(kind: FourCc) -> Self {
        let mut bytes = vec![0; 4];
        bytes.extend(kind);
        Self { bytes }
    }

    fn full(kind: FourCc, version: u8, flags: u8) -> Self {
        let mut full = Self::new(kind);
        full.put(&[version, 0, 0, flags]);
        full
    }

    fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    fn u16(&mut self, number: u16) {
        self.put(&number.to_be_bytes());
    }

    fn u32(&mut self, number: u32) {
        self.put(&number.to_be_bytes());
    }

    fn length(&mut self, length: usize) -> Result<(), RenderError> {
        self.u16(u16::try_from(length).map_err(|_| too_long())?);
        Ok(())
    }

    fn child(&mut self, child: Self) -> Result<(), RenderError> {
        let child = child.finish()?;
        self.bytes.extend(child);
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<u8>, RenderError> {
        let size = narrow(self.bytes.len())?.to_be_bytes();
        if let Some(head) = self.bytes.first_chunk_mut() {
            *head = size;
        }
        Ok(self.bytes)
    }
}

fn narrow(number: usize) -> Result<u32, RenderError> {
    u32::try_from(number).map_err(|_| too_long())
}

fn too_long() -> RenderError {
    RenderError::too_large("the AVIF would be too long")
}
