use super::bits::Bits;
use super::frame::Frame;
use super::marker::RST;

/// The header of a scan.
pub(super) struct Scan {
    pub(super) components: Vec<Member>,
    /// The first coefficient and the last one, in the order of a file.
    pub(super) first: u8,
    pub(super) last: u8,
    /// Which bit of the coefficients was the lowest before, or 0 if none was there, and which is after.
    pub(super) high: u8,
    pub(super) low: u8,
}

/// A component of a scan.
#[derive(Clone, Copy)]
pub(super) struct Member {
    /// Which of the frame's it is.
    pub(super) channel: usize,
    /// Which tables it has, from 0 to 3.
    pub(super) dc: usize,
    pub(super) ac: usize,
}

impl Scan {
    /// Reads a header. None if it makes no sense.
    pub(super) fn read(payload: &[u8], frame: &Frame) -> Option<Self> {
        let (&count, rest) = payload.split_first()?;
        let (members, rest) = rest.split_at_checked(2 * usize::from(count))?;
        let &[first, last, high_low, ..] = rest else {
            return None;
        };
        let mut components: Vec<Member> = Vec::new();
        for pair in members.chunks_exact(2) {
            let id = pair[0];
            let channel = frame
                .channels
                .iter()
                .position(|channel| channel.component.id == id)?;
            let (dc, ac) = (usize::from(pair[1] >> 4), usize::from(pair[1] & 15));
            if dc > 3 || ac > 3 || components.iter().any(|other| other.channel == channel) {
                return None;
            }
            components.push(Member { channel, dc, ac });
        }
        (!components.is_empty()).then_some(Self {
            components,
            first,
            last,
            high: high_low >> 4,
            low: high_low & 15,
        })
    }

    /// How many units there are in a row, and rows of them. A unit is a block where there is one component.
    pub(super) fn units(&self, frame: &Frame) -> (u32, u32) {
        match *self.components {
            [member] => frame.channels[member.channel].blocks,
            _ => frame.units,
        }
    }
}

/// Counts the units of a scan between restart markers, and finds the way back after damage.
pub(super) struct Pace {
    interval: u32,
    left: u32,
    /// The number of the next marker.
    next: u8,
    /// How many intervals are lost before the one that the bits are at.
    ahead: u8,
    lost: bool,
    over: bool,
}

/// What is to be done with a unit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Read it.
    Read,
    /// Read it, as the first one after a restart.
    Restart,
    /// It cannot be read.
    Lost,
}

impl Pace {
    pub(super) fn new(restart_interval: u16) -> Self {
        Self {
            interval: restart_interval.into(),
            left: restart_interval.into(),
            next: 0,
            ahead: 0,
            lost: false,
            over: false,
        }
    }

    /// Whether nothing more can be read.
    pub(super) fn over(&self) -> bool {
        self.over
    }

    /// The unit could not be read.
    pub(super) fn damage(&mut self) {
        self.lost = true;
        self.over |= self.interval == 0;
    }

    /// What to do with the next unit.
    #[inline]
    pub(super) fn turn(&mut self, bits: &mut Bits<'_>) -> Turn {
        let mut turn = Turn::Read;
        if self.interval != 0 {
            if self.left == 0 {
                turn = self.restart(bits);
            }
            self.left -= 1;
        }
        if self.lost { Turn::Lost } else { turn }
    }

    #[cold]
    fn restart(&mut self, bits: &mut Bits<'_>) -> Turn {
        self.left = self.interval;
        if self.over {
            return Turn::Lost; // with no second look for a marker
        }
        let expected = self.next;
        self.next = (self.next + 1) & 7;
        if self.ahead > 0 {
            self.ahead -= 1;
            self.lost = self.ahead > 0;
            return Turn::Restart;
        }
        self.lost = true;
        while let Some(marker) = bits.marker() {
            if !RST.contains(&marker) {
                break;
            }
            bits.pass_marker();
            let ahead = marker.wrapping_sub(*RST.start()).wrapping_sub(expected) & 7;
            // A marker that should have come before is passed over.
            if ahead < 4 {
                self.ahead = ahead;
                self.lost = ahead > 0;
                return Turn::Restart;
            }
        }
        self.over = true;
        Turn::Lost
    }
}
