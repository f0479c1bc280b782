use super::component::{self, Component};
use super::quantization::{Block, Places};
use super::tokens::{AC, Tokens, ZERO_RUN};

/// A scan of a progressive file.
pub(super) struct Scan {
    /// The components, by number.
    pub(super) components: &'static [usize],
    /// The first and the last place in zigzag order.
    pub(super) band: (u8, u8),
    /// How many of the lowest bits were left out until now, where they refine; zero in the first scan of a band.
    pub(super) high: u8,
    /// How many of the lowest bits are left out.
    pub(super) low: u8,
}

const fn scan(components: &'static [usize], first: u8, last: u8, high: u8, low: u8) -> Scan {
    Scan {
        components,
        band: (first, last),
        high,
        low,
    }
}

pub(super) const GRAY: &[Scan] = &[
    scan(&[0], 0, 0, 0, 0),
    scan(&[0], 1, 8, 0, 2),
    scan(&[0], 9, 63, 0, 2),
    scan(&[0], 1, 63, 2, 1),
    scan(&[0], 1, 63, 1, 0),
];

pub(super) const COLOR: &[Scan] = &[
    scan(&[0, 1, 2], 0, 0, 0, 0),
    scan(&[0], 1, 8, 0, 2),
    scan(&[1], 1, 8, 0, 0),
    scan(&[2], 1, 8, 0, 0),
    scan(&[0], 9, 63, 0, 2),
    scan(&[0], 1, 63, 2, 1),
    scan(&[0], 1, 63, 1, 0),
    scan(&[1], 9, 63, 0, 0),
    scan(&[2], 9, 63, 0, 0),
];

impl Scan {
    /// What the scan says of the blocks of all components.
    pub(super) fn tokens(&self, components: &[Component<'_>], blocks: &[Vec<Block>]) -> Tokens {
        let mut coder = Coder::new(self);
        if self.band.0 == 0 {
            coder.dc(components, blocks);
        } else if let [number] = *self.components {
            let component = &components[number];
            coder.table = AC + component.tables;
            let rows = blocks[number].chunks_exact(component.stride());
            for row in rows.take(component.shown.1) {
                for block in &row[..component.shown.0] {
                    if self.high == 0 {
                        coder.first(block);
                    } else {
                        coder.refine(block);
                    }
                }
            }
            coder.end_blocks();
        }
        coder.tokens
    }
}

/// Codes scans as in T.81, G.1.2.
struct Coder<'a> {
    scan: &'a Scan,
    tokens: Tokens,
    table: u8,
    /// The places of the band, a bit each.
    band: u64,
    /// How many blocks have nothing left in their band, and are not yet coded.
    ended: u16,
    /// The bits that refine what was coded of these blocks in earlier scans.
    corrections: Vec<bool>,
}

impl<'a> Coder<'a> {
    /// The most blocks that one symbol ends.
    const MAX_ENDED: u16 = 0x7FFF;
    /// When corrections no longer wait for more blocks to end.
    const MANY_CORRECTIONS: usize = 1000;

    fn new(scan: &'a Scan) -> Self {
        let (first, last) = scan.band;
        Self {
            scan,
            tokens: Tokens::new(),
            table: 0,
            band: (u64::MAX << first) & (u64::MAX >> (63 - last)),
            ended: 0,
            corrections: Vec::new(),
        }
    }

    /// The DC of all components.
    fn dc(&mut self, components: &[Component<'_>], blocks: &[Vec<Block>]) {
        let rows = components.first().map_or(0, |component| component.units.1);
        let mut last = vec![0; components.len()];
        component::for_each_in_units(components, rows, |number, at| {
            let dc = blocks[number][at].dc() >> self.scan.low;
            if self.scan.high == 0 {
                let table = components[number].tables;
                self.tokens.value(table, 0, dc - last[number]);
                last[number] = dc;
            } else {
                self.tokens.flags(&[dc & 1 == 1]);
            }
        });
    }

    /// The first scan of a band.
    fn first(&mut self, block: &Block) {
        let mut next = u32::from(self.scan.band.0);
        for place in Places(block.nonzero & self.band) {
            let value = self.shortened(block, place);
            if value != 0 {
                self.end_blocks();
                let run = self.tokens.zeros(self.table, place - next);
                self.tokens.value(self.table, run, value);
                next = place + 1;
            }
        }
        if next <= u32::from(self.scan.band.1) {
            self.end_block(&[]);
        }
    }

    /// A further bit of each coefficient of a band.
    fn refine(&mut self, block: &Block) {
        let (mut known, mut new) = (0, 0);
        for place in Places(block.nonzero & self.band) {
            match self.shortened(block, place) {
                0 => {}
                1 | -1 => new |= 1u64 << place,
                _ => known |= 1 << place,
            }
        }

        let mut corrections = [false; 64];
        let mut corrected = 0;
        let mut run = 0;
        let mut next = u32::from(self.scan.band.0);
        for place in Places(known | new) {
            run += place - next;
            next = place + 1;
            if new >> place != 0 {
                // Not the end of the block: zeros that the next symbol has no room for.
                while run > 15 {
                    self.end_blocks();
                    self.tokens.symbol(self.table, ZERO_RUN, 0, 0);
                    self.tokens.flags(&corrections[..corrected]);
                    corrected = 0;
                    run -= 16;
                }
            }
            let value = self.shortened(block, place);
            if known >> place & 1 == 1 {
                corrections[corrected] = value & 1 != 0;
                corrected += 1;
            } else {
                self.end_blocks();
                let run_of_new = self.tokens.zeros(self.table, run) << 4 | 1;
                self.tokens
                    .symbol(self.table, run_of_new, u16::from(value > 0), 1);
                self.tokens.flags(&corrections[..corrected]);
                corrected = 0;
                run = 0;
            }
        }
        if run > 0 || corrected > 0 || next <= u32::from(self.scan.band.1) {
            self.end_block(&corrections[..corrected]);
        }
    }

    /// A coefficient without the bits that the scan leaves out.
    fn shortened(&self, block: &Block, place: u32) -> i16 {
        block.coefficients[place as usize % 64] / (1 << self.scan.low)
    }

    /// Notes that a block has nothing more but corrections.
    fn end_block(&mut self, corrections: &[bool]) {
        self.ended += 1;
        self.corrections.extend_from_slice(corrections);
        if self.ended == Self::MAX_ENDED || self.corrections.len() > Self::MANY_CORRECTIONS {
            self.end_blocks();
        }
    }

    /// Codes the blocks that have ended.
    fn end_blocks(&mut self) {
        if self.ended == 0 {
            return;
        }
        let length = self.ended.ilog2();
        let bits = self.ended - (1 << length);
        #[expect(clippy::cast_possible_truncation, reason = "at most 14")]
        let length = length as u8;
        self.tokens.symbol(self.table, length << 4, bits, length);
        self.ended = 0;
        self.tokens.flags(&self.corrections);
        self.corrections.clear();
    }
}
