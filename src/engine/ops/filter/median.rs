//! The median of a window, each channel on its own. What it costs does not depend on the window: a histogram a column moves
//! down with the rows, and the window's histogram is a sum of columns that moves along.

use crate::engine::Picture;

const MAX_SIZE: u32 = 15;
/// A histogram's values are counted by their upper half, and in full.
const HALF: usize = 16;

/// Replaces colours by the median around. Alpha stays. Beyond the edges the pixels at the edge go on.
pub(super) fn median(mut picture: Picture, size: u32) -> Picture {
    let size = size.min(MAX_SIZE) as usize;
    if size <= 1 {
        return picture;
    }
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let layout = picture.layout();
    let samples = layout.samples();
    let colors = samples - usize::from(layout.has_alpha());
    let mut channel = vec![0; width * height];
    let mut result = vec![0; width * height];
    for color in 0..colors {
        for (to, pixel) in channel.iter_mut().zip(picture.data().chunks_exact(samples)) {
            *to = pixel.get(color).copied().unwrap_or(0);
        }
        if size == 3 {
            three_by_three(&channel, width, &mut result);
        } else {
            by_histogram(&channel, width, size, &mut result);
        }
        let pixels = picture.data_mut().chunks_exact_mut(samples);
        for (pixel, &median) in pixels.zip(&result) {
            if let Some(value) = pixel.get_mut(color) {
                *value = median;
            }
        }
    }
    picture
}

/// Sorts three columns of three, and takes the middle of the largest low, the middle of the middles, the smallest high.
fn three_by_three(channel: &[u8], width: usize, result: &mut [u8]) {
    let height = channel.len() / width;
    let row = |y: usize| channel.chunks_exact(width).nth(y).unwrap_or_default();
    let mut sorted = vec![[0; 3]; width + 2];
    for (y, result) in result.chunks_exact_mut(width).enumerate() {
        let rows = row(y.saturating_sub(1))
            .iter()
            .zip(row(y))
            .zip(row((y + 1).min(height - 1)));
        for (column, ((&a, &b), &c)) in sorted.iter_mut().skip(1).zip(rows) {
            let (low, high) = (a.min(b), a.max(b));
            *column = [low.min(c), low.max(high.min(c)), high.max(c)];
        }
        if let (Some(&first), Some(&last)) = (sorted.get(1), sorted.get(width)) {
            sorted[0] = first;
            sorted[width + 1] = last;
        }
        for (median, columns) in result.iter_mut().zip(sorted.windows(3)) {
            let &[a, b, c] = columns else { continue };
            let low = a[0].max(b[0]).max(c[0]);
            let middle = middle(a[1], b[1], c[1]);
            let high = a[2].min(b[2]).min(c[2]);
            *median = self::middle(low, middle, high);
        }
    }
}

fn middle(a: u8, b: u8, c: u8) -> u8 {
    a.min(b).max(a.max(b).min(c))
}

/// How often each value occurs.
#[derive(Clone)]
struct Histogram {
    /// By the upper four bits.
    coarse: [u16; HALF],
    /// By all of them.
    fine: [[u16; HALF]; HALF],
}

impl Histogram {
    const EMPTY: Self = Self {
        coarse: [0; HALF],
        fine: [[0; HALF]; HALF],
    };

    fn change(&mut self, value: u8, by: u16) {
        let (high, low) = (usize::from(value >> 4), usize::from(value & 15));
        self.coarse[high] = self.coarse[high].wrapping_add(by);
        self.fine[high][low] = self.fine[high][low].wrapping_add(by);
    }
}

fn add(to: &mut [u16; HALF], counts: &[u16; HALF]) {
    for (to, &count) in to.iter_mut().zip(counts) {
        *to = to.wrapping_add(count);
    }
}

fn subtract(to: &mut [u16; HALF], counts: &[u16; HALF]) {
    for (to, &count) in to.iter_mut().zip(counts) {
        *to = to.wrapping_sub(count);
    }
}

fn by_histogram(channel: &[u8], width: usize, size: usize, result: &mut [u8]) {
    let height = channel.len() / width;
    // The window of an even size reaches one pixel further to the left and up.
    let (before, after) = (size / 2, size - 1 - size / 2);
    let rank = u16::try_from(size * size / 2).unwrap_or(0);
    let row = |y: usize| {
        let y = y.saturating_sub(before).min(height - 1);
        channel.chunks_exact(width).nth(y).unwrap_or_default()
    };
    let mut columns = vec![Histogram::EMPTY; width];
    // Rows are counted from `before` above the first.
    for y in 0..size - 1 {
        for (column, &value) in columns.iter_mut().zip(row(y)) {
            column.change(value, 1);
        }
    }
    for (y, result) in result.chunks_exact_mut(width).enumerate() {
        for (column, &value) in columns.iter_mut().zip(row(y + size - 1)) {
            column.change(value, 1);
        }
        median_row(&columns, before, after, rank, result);
        for (column, &value) in columns.iter_mut().zip(row(y)) {
            column.change(value, u16::MAX);
        }
    }
}

fn median_row(columns: &[Histogram], before: usize, after: usize, rank: u16, result: &mut [u8]) {
    let last = columns.len() - 1;
    let size = before + after + 1;
    // The column that enters at a step, and the one that left `size` steps before it.
    let column = |step: usize| &columns[step.saturating_sub(before).min(last)];
    let mut coarse = [0; HALF];
    let mut fine = [[0; HALF]; HALF];
    // At which step each part of `fine` was right.
    let mut right_at = [0_usize; HALF];
    for step in 0..size - 1 {
        add(&mut coarse, &column(step).coarse);
    }
    for (x, median) in result.iter_mut().enumerate() {
        let step = x + size;
        add(&mut coarse, &column(step - 1).coarse);
        let mut left = rank;
        let mut high = 0;
        for &count in coarse.iter().take(HALF - 1) {
            if left < count {
                break;
            }
            left -= count;
            high += 1;
        }
        let part = &mut fine[high];
        let behind = step - right_at[high];
        if behind >= size {
            *part = [0; HALF];
            for step in step - size..step {
                add(part, &column(step).fine[high]);
            }
        } else {
            for step in step - behind..step {
                add(part, &column(step).fine[high]);
                subtract(part, &column(step - size).fine[high]);
            }
        }
        right_at[high] = step;
        let mut low = 0;
        for &count in part.iter().take(HALF - 1) {
            if left < count {
                break;
            }
            left -= count;
            low += 1;
        }
        *median = u8::try_from(high * HALF + low).unwrap_or(u8::MAX);
        subtract(&mut coarse, &column(x).coarse);
    }
}
