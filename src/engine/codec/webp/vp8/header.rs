use super::Damage;
use super::bits::Bits;
use super::filter::{Filter, Strength};
use super::probabilities;
use super::tables::{AC_STEPS, DC_STEPS};
use super::tokens::Probabilities;

/// The bytes before the first partition.
const TAG: usize = 10;

/// What a frame begins with.
pub(super) struct Header<'a> {
    pub(super) width: u32,
    pub(super) height: u32,
    /// The rest of the first partition: how each macroblock is predicted.
    pub(super) modes: Bits<'a>,
    /// The other partitions, which hold the coefficients of a row of macroblocks each, in turns.
    pub(super) partitions: Vec<Bits<'a>>,
    /// The probabilities of segments, if macroblocks tell theirs.
    pub(super) segments: Option<[u8; 3]>,
    /// The probability that a macroblock has coefficients, if macroblocks tell.
    pub(super) skip: Option<u8>,
    pub(super) steps: [Steps; 4],
    pub(super) filter: Filter,
    /// Of each segment, for macroblocks predicted whole and in blocks.
    pub(super) strengths: [[Strength; 2]; 4],
    pub(super) probabilities: Box<Probabilities>,
}

/// What coefficients are multiplied by: the first of a block, and the others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Steps {
    pub(super) luma: [i16; 2],
    /// Those of the means of luma's blocks.
    pub(super) means: [i16; 2],
    pub(super) chroma: [i16; 2],
}

/// What segments differ in.
struct Segments {
    probabilities: Option<[u8; 3]>,
    /// Whether the numbers stand for themselves, or are added to those of the frame.
    absolute: bool,
    enabled: bool,
    quantizers: [i8; 4],
    levels: [i8; 4],
}

impl<'a> Header<'a> {
    /// The header of a key frame (RFC 6386, 9.2 to 9.11 and 19.2).
    pub(super) fn read(payload: &'a [u8]) -> Result<Self, Damage> {
        let (tag, rest) = payload.split_first_chunk::<TAG>().ok_or(Damage)?;
        let &[a, b, c, 0x9D, 0x01, 0x2A, w0, w1, h0, h1] = tag else {
            return Err(Damage);
        };
        let tag = u32::from_le_bytes([a, b, c, 0]);
        let (key, version, shown) = (tag & 1 == 0, tag >> 1 & 7, tag >> 4 & 1 == 1);
        if !key || version > 3 || !shown {
            return Err(Damage);
        }
        // The two highest bits ask for the picture to be enlarged, which WebP has no use for.
        let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3FFF);
        let (width, height) = (side(w0, w1), side(h0, h1));
        if width == 0 || height == 0 {
            return Err(Damage);
        }
        let (first, rest) = rest.split_at_checked((tag >> 5) as usize).ok_or(Damage)?;

        let mut bits = Bits::new(first);
        // The colour space, and whether sums need to be clamped, which they are in any case.
        bits.number(2);
        let segments = Segments::read(&mut bits);
        let simple = bits.flag();
        let (level, sharpness) = (bits.number(6), bits.number(3));
        let deltas = read_deltas(&mut bits);
        let partitions = partitions(rest, 1 << bits.number(2)).ok_or(Damage)?;
        let steps = read_steps(&mut bits, &segments);
        // Whether probabilities are kept for the next frame.
        bits.flag();
        let probabilities = read_probabilities(&mut bits);
        let skip = bits.flag().then(|| bits.number(8));
        bits.check()?;

        let strengths = [0, 1, 2, 3].map(|segment| {
            let level = segments.of(segments.levels[segment], level.cast_signed());
            deltas.map(|delta| Strength::new(level + delta, sharpness.into()))
        });
        Ok(Self {
            width,
            height,
            modes: bits,
            partitions,
            segments: segments.probabilities,
            skip,
            steps,
            filter: match (level, simple) {
                (0, _) => Filter::None,
                (_, true) => Filter::Simple,
                (_, false) => Filter::Normal,
            },
            strengths,
            probabilities,
        })
    }
}

impl Segments {
    fn read(bits: &mut Bits<'_>) -> Self {
        let mut segments = Self {
            probabilities: None,
            absolute: true,
            enabled: bits.flag(),
            quantizers: [0; 4],
            levels: [0; 4],
        };
        if !segments.enabled {
            return segments;
        }
        let (map, data) = (bits.flag(), bits.flag());
        if data {
            segments.absolute = bits.flag();
            segments.quantizers = [(); 4].map(|()| bits.optional(7).unwrap_or(0));
            segments.levels = [(); 4].map(|()| bits.optional(6).unwrap_or(0));
        }
        if map {
            let mut probability = || if bits.flag() { bits.number(8) } else { 255 };
            segments.probabilities = Some([(); 3].map(|()| probability()));
        }
        segments
    }

    /// The number of a segment, where the frame has this one.
    fn of(&self, own: i8, frame: i8) -> i32 {
        match (self.enabled, self.absolute) {
            (false, _) => frame.into(),
            (true, true) => own.into(),
            (true, false) => i32::from(frame) + i32::from(own),
        }
    }
}

/// What is added to the level of the loop filter, for macroblocks predicted whole and in blocks.
fn read_deltas(bits: &mut Bits<'_>) -> [i32; 2] {
    if !bits.flag() || !bits.flag() {
        return [0; 2];
    }
    // Of each kind the first is for key frames.
    let references = [(); 4].map(|()| bits.optional(6).unwrap_or(0));
    let modes = [(); 4].map(|()| bits.optional(6).unwrap_or(0));
    let (reference, mode) = (i32::from(references[0]), i32::from(modes[0]));
    [reference, reference + mode]
}

/// The partitions behind the first, if all of them are there.
fn partitions(rest: &[u8], count: usize) -> Option<Vec<Bits<'_>>> {
    let (sizes, mut rest) = rest.split_at_checked(3 * (count - 1))?;
    let mut partitions = Vec::with_capacity(count);
    for &[a, b, c] in sizes.as_chunks::<3>().0 {
        let size = u32::from_le_bytes([a, b, c, 0]) as usize;
        let partition;
        (partition, rest) = rest.split_at_checked(size)?;
        partitions.push(Bits::new(partition));
    }
    partitions.push(Bits::new(rest));
    Some(partitions)
}

fn read_steps(bits: &mut Bits<'_>, segments: &Segments) -> [Steps; 4] {
    let frame = bits.number(7).cast_signed();
    let [luma, means_first, means, chroma_first, chroma] =
        [(); 5].map(|()| i32::from(bits.optional(4).unwrap_or(0)));
    segments.quantizers.map(|own| {
        let quantizer = segments.of(own, frame);
        let index =
            |delta: i32, most: i32| (quantizer + delta).clamp(0, most).unsigned_abs() as usize;
        let (first, others) = (
            |delta: i32, most: i32| DC_STEPS[index(delta, most)],
            |delta: i32| AC_STEPS[index(delta, 127)],
        );
        // At most 284 * 155, which does not fit into 16 bits before it is divided.
        let enlarged = i32::from(others(means)) * 155 / 100;
        Steps {
            luma: [first(luma, 127), others(0)],
            means: [
                first(means_first, 127) * 2,
                i16::try_from(enlarged.max(8)).unwrap_or(i16::MAX),
            ],
            chroma: [first(chroma_first, 117), others(chroma)],
        }
    })
}

fn read_probabilities(bits: &mut Bits<'_>) -> Box<Probabilities> {
    let mut probabilities = Box::new(probabilities::DEFAULTS);
    let all = probabilities.as_flattened_mut().as_flattened_mut();
    let updates = probabilities::UPDATES.as_flattened().as_flattened();
    let pairs = all
        .as_flattened_mut()
        .iter_mut()
        .zip(updates.as_flattened());
    for (probability, &update) in pairs {
        if bits.bit(update) {
            *probability = bits.number(8);
        }
    }
    probabilities
}
