//! A writer of JPEGs out of coefficients, by any script of scans. Simple, and bad at compressing.

use super::super::segments::ZIGZAG;

/// An image as coefficients.
#[derive(Clone, Debug)]
pub(super) struct Image {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) components: Vec<Component>,
}

#[derive(Clone, Debug)]
pub(super) struct Component {
    pub(super) factors: (u32, u32),
    /// In natural order.
    pub(super) quantization: [u16; 64],
    /// In natural order.
    pub(super) blocks: Vec<[i32; 64]>,
    /// How many blocks there are in a row, those included that only fill up units.
    pub(super) stride: u32,
}

/// A scan, with its numbers named as in the standard.
#[derive(Clone, Debug)]
pub(super) struct Scan {
    pub(super) components: Vec<usize>,
    pub(super) band: (usize, usize),
    pub(super) high: u32,
    pub(super) low: u32,
}

/// How to write an image.
#[derive(Clone, Debug)]
pub(super) struct Script {
    pub(super) progressive: bool,
    pub(super) scans: Vec<Scan>,
    pub(super) restart_interval: u16,
    /// Before the frame, with their markers.
    pub(super) segments: Vec<u8>,
    pub(super) ids: [u8; 4],
}

impl Scan {
    pub(super) fn sequential(components: &[usize]) -> Self {
        Self::band(components, (0, 63), 0, 0)
    }

    pub(super) fn band(components: &[usize], band: (usize, usize), high: u32, low: u32) -> Self {
        Self {
            components: components.to_vec(),
            band,
            high,
            low,
        }
    }
}

impl Script {
    pub(super) fn new(progressive: bool, scans: Vec<Scan>) -> Self {
        Self {
            progressive,
            scans,
            restart_interval: 0,
            segments: Vec::new(),
            ids: [1, 2, 3, 4],
        }
    }

    pub(super) fn restarting(mut self, interval: u16) -> Self {
        self.restart_interval = interval;
        self
    }
}

impl Image {
    pub(super) fn largest(&self) -> (u32, u32) {
        let factors = || self.components.iter().map(|c| c.factors);
        (
            factors().map(|f| f.0).max().unwrap(),
            factors().map(|f| f.1).max().unwrap(),
        )
    }

    /// How many units there are, each way.
    fn units(&self) -> (u32, u32) {
        let (across, down) = self.largest();
        (
            self.width.div_ceil(8 * across),
            self.height.div_ceil(8 * down),
        )
    }

    /// An image whose coefficients are made up from their place.
    pub(super) fn new(
        (width, height): (u32, u32),
        factors: &[(u32, u32)],
        mut coefficient: impl FnMut(usize) -> i32,
    ) -> Self {
        let mut image = Self {
            width,
            height,
            components: Vec::new(),
        };
        for &factors in factors {
            image.components.push(Component {
                factors,
                quantization: std::array::from_fn(|at| u16::try_from(3 + at / 8 + at % 8).unwrap()),
                blocks: Vec::new(),
                stride: 0,
            });
        }
        let units = image.units();
        for component in &mut image.components {
            component.stride = units.0 * component.factors.0;
            let count = component.stride * units.1 * component.factors.1;
            for _ in 0..count {
                component.blocks.push(std::array::from_fn(&mut coefficient));
            }
        }
        image
    }
}

/// The file of an image.
pub(super) fn write(image: &Image, script: &Script) -> Vec<u8> {
    let mut file = vec![0xFF, 0xD8];
    file.extend(&script.segments);
    let mut frame = vec![8];
    frame.extend(u16::try_from(image.height).unwrap().to_be_bytes());
    frame.extend(u16::try_from(image.width).unwrap().to_be_bytes());
    frame.push(u8::try_from(image.components.len()).unwrap());
    for (index, component) in image.components.iter().enumerate() {
        let wide = component.quantization.iter().any(|&step| step > 255);
        let table = u8::try_from(index).unwrap();
        let mut payload = vec![table | u8::from(wide) << 4];
        for place in ZIGZAG {
            let step = component.quantization[usize::from(place)].to_be_bytes();
            payload.extend(&step[usize::from(!wide)..]);
        }
        segment(&mut file, 0xDB, &payload);
        let (across, down) = component.factors;
        frame.extend([
            script.ids[index],
            u8::try_from(across << 4 | down).unwrap(),
            table,
        ]);
    }
    segment(
        &mut file,
        if script.progressive { 0xC2 } else { 0xC0 },
        &frame,
    );
    for (class, symbols) in [(0, DC), (1, AC)] {
        let mut payload = vec![class << 4];
        let codes = Codes::new(symbols);
        payload.extend(codes.counts);
        payload.extend(&codes.symbols);
        segment(&mut file, 0xC4, &payload);
    }
    if script.restart_interval > 0 {
        segment(&mut file, 0xDD, &script.restart_interval.to_be_bytes());
    }
    for scan in &script.scans {
        let mut header = vec![u8::try_from(scan.components.len()).unwrap()];
        for &index in &scan.components {
            header.extend([script.ids[index], 0]);
        }
        header.push(u8::try_from(scan.band.0).unwrap());
        header.push(u8::try_from(scan.band.1).unwrap());
        header.push(u8::try_from(scan.high << 4 | scan.low).unwrap());
        segment(&mut file, 0xDA, &header);
        write_scan(&mut file, image, script, scan);
    }
    file.extend([0xFF, 0xD9]);
    file
}

pub(super) fn segment(file: &mut Vec<u8>, marker: u8, payload: &[u8]) {
    file.extend([0xFF, marker]);
    file.extend(u16::try_from(payload.len() + 2).unwrap().to_be_bytes());
    file.extend(payload);
}

/// The symbols with short codes, the shortest first. All others have the longest.
const DC: &[u8] = &[2, 3, 0, 1, 4, 5];
const AC: &[u8] = &[
    0x00, 0x01, 0x11, 0x02, 0xF0, 0x21, 0x03, 0x10, 0x20, 0x12, 0x31, 0x41,
];

struct Codes {
    counts: [u8; 16],
    symbols: Vec<u8>,
    /// The code of each symbol, and its length.
    of: [(u32, u32); 256],
}

impl Codes {
    fn new(short: &[u8]) -> Self {
        // Lengths 2, 3, 4, 5, 5, 6, 6, then 11 bits, of which the lookups differ in what they hold, then 16.
        const LENGTHS: [u32; 12] = [2, 3, 4, 5, 5, 6, 6, 10, 11, 11, 12, 13];
        let largest = if short == DC { 15 } else { 255 };
        let long = (0..=largest).filter(|symbol| !short.contains(symbol));
        let lengths = LENGTHS[..short.len()].iter().copied();
        let mut codes = Self {
            counts: [0; 16],
            symbols: short.to_vec(),
            of: [(0, 0); 256],
        };
        codes.symbols.extend(long);
        let (mut code, mut before) = (0, 0);
        for (&symbol, length) in codes
            .symbols
            .iter()
            .zip(lengths.chain(std::iter::repeat(16)))
        {
            code <<= length - before;
            before = length;
            codes.of[usize::from(symbol)] = (code, length);
            codes.counts[length as usize - 1] += 1;
            code += 1;
        }
        codes
    }
}

/// Writes bits, with stuffing.
struct Bits<'a> {
    file: &'a mut Vec<u8>,
    byte: u32,
    count: u32,
}

impl Bits<'_> {
    fn put(&mut self, value: u32, length: u32) {
        for at in (0..length).rev() {
            self.byte = self.byte << 1 | (value >> at & 1);
            self.count += 1;
            if self.count == 8 {
                self.file.push(u8::try_from(self.byte).unwrap());
                if self.byte == 0xFF {
                    self.file.push(0);
                }
                (self.byte, self.count) = (0, 0);
            }
        }
    }

    fn pad(&mut self) {
        while self.count > 0 {
            self.put(1, 1);
        }
    }
}

/// The size of a value, and its bits.
fn sized(value: i32) -> (u32, u32) {
    let size = 32 - value.unsigned_abs().leading_zeros();
    let bits = if value < 0 { value - 1 } else { value };
    (size, bits.cast_unsigned() & ((1 << size) - 1))
}

struct Coder<'a> {
    bits: Bits<'a>,
    dc: Codes,
    ac: Codes,
    ended: u32,
    corrections: Vec<u32>,
}

fn write_scan(file: &mut Vec<u8>, image: &Image, script: &Script, scan: &Scan) {
    let mut coder = Coder {
        bits: Bits {
            file,
            byte: 0,
            count: 0,
        },
        dc: Codes::new(DC),
        ac: Codes::new(AC),
        ended: 0,
        corrections: Vec::new(),
    };
    let (across, down) = image.largest();
    let units = match *scan.components {
        [index] => {
            let factors = image.components[index].factors;
            (
                (image.width * factors.0).div_ceil(8 * across),
                (image.height * factors.1).div_ceil(8 * down),
            )
        }
        _ => image.units(),
    };
    let mut before = [0; 4];
    for unit in 0..units.0 * units.1 {
        let interval = u32::from(script.restart_interval);
        if interval > 0 && unit > 0 && unit % interval == 0 {
            coder.flush();
            coder.bits.pad();
            let number = (unit / interval - 1) % 8;
            coder
                .bits
                .file
                .extend([0xFF, 0xD0 + u8::try_from(number).unwrap()]);
            before = [0; 4];
        }
        let (row, column) = (unit / units.0, unit % units.0);
        for &index in &scan.components {
            let component = &image.components[index];
            let (across, down) = match *scan.components {
                [_] => (1, 1),
                _ => component.factors,
            };
            for at in 0..across * down {
                let block =
                    (row * down + at / across) * component.stride + column * across + at % across;
                let block = &component.blocks[block as usize];
                coder.write(
                    &ZIGZAG.map(|k| block[usize::from(k)]),
                    scan,
                    &mut before[index],
                );
            }
        }
    }
    coder.flush();
    coder.bits.pad();
}

impl Coder<'_> {
    fn put_dc(&mut self, symbol: u32) {
        let (code, length) = self.dc.of[symbol as usize];
        self.bits.put(code, length);
    }

    fn put_ac(&mut self, symbol: u32) {
        let (code, length) = self.ac.of[symbol as usize];
        self.bits.put(code, length);
    }

    /// Writes a block in the order of the file.
    fn write(&mut self, block: &[i32; 64], scan: &Scan, before: &mut i32) {
        let (first, last) = scan.band;
        if first == 0 {
            let dc = block[0] >> scan.low;
            if scan.high > 0 {
                self.bits.put(dc.cast_unsigned() & 1, 1);
            } else {
                let (size, bits) = sized(dc - *before);
                *before = dc;
                self.put_dc(size);
                self.bits.put(bits, size);
            }
        }
        if last == 0 {
            return;
        }
        let low = |value: i32| value.signum() * (value.abs() >> scan.low);
        let values = block.map(low);
        if scan.high > 0 {
            self.refine(&values, scan.band);
            return;
        }
        let mut run = 0;
        for &value in &values[first.max(1)..=last] {
            if value == 0 {
                run += 1;
                continue;
            }
            self.flush();
            while run > 15 {
                self.put_ac(0xF0);
                run -= 16;
            }
            let (size, bits) = sized(value);
            self.put_ac(run << 4 | size);
            self.bits.put(bits, size);
            run = 0;
        }
        if run > 0 {
            self.ended += 1;
            if first == 0 || self.ended == 0x7FFF {
                self.flush();
            }
        }
    }

    fn refine(&mut self, values: &[i32; 64], (first, last): (usize, usize)) {
        let new = (first..=last).rfind(|&k| values[k].abs() == 1).unwrap_or(0);
        let mut run = 0;
        let mut corrections = Vec::new();
        for (k, &value) in values.iter().enumerate().take(last + 1).skip(first) {
            if value == 0 {
                run += 1;
                continue;
            }
            while run > 15 && k <= new {
                self.flush();
                self.put_ac(0xF0);
                self.put_corrections(&mut corrections);
                run -= 16;
            }
            if value.abs() > 1 {
                corrections.push(value.unsigned_abs() & 1);
                continue;
            }
            self.flush();
            self.put_ac(run << 4 | 1);
            self.bits.put((value > 0).into(), 1);
            self.put_corrections(&mut corrections);
            run = 0;
        }
        if run > 0 || !corrections.is_empty() {
            self.ended += 1;
            self.corrections.append(&mut corrections);
            if self.ended == 0x7FFF {
                self.flush();
            }
        }
    }

    fn put_corrections(&mut self, corrections: &mut Vec<u32>) {
        for bit in corrections.drain(..) {
            self.bits.put(bit, 1);
        }
    }

    /// Writes how many blocks have ended.
    fn flush(&mut self) {
        if self.ended > 0 {
            let size = self.ended.ilog2();
            self.put_ac(size << 4);
            self.bits.put(self.ended & ((1 << size) - 1), size);
            self.ended = 0;
            let mut corrections = std::mem::take(&mut self.corrections);
            self.put_corrections(&mut corrections);
        }
    }
}
