use crate::engine::picture::byte_len;
use crate::engine::plan::{Area, Size};
use crate::engine::{Layout, Picture, RenderError};

/// What becomes of a frame's area when its time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dispose {
    Keep,
    /// It gets transparent.
    Clear,
    /// What was there before comes back.
    Restore,
}

/// What the frames of an animation are drawn on.
#[derive(Debug)]
pub(super) struct Canvas {
    size: Size,
    layout: Layout,
    data: Vec<u8>,
    /// The area of the last frame, and what becomes of it.
    last: Option<(Area, Dispose)>,
    /// What was in that area, if it comes back.
    saved: Vec<u8>,
}

impl Canvas {
    /// All samples are zero: transparent, where there is alpha.
    pub(super) fn new(size: Size, layout: Layout) -> Result<Self, RenderError> {
        Ok(Self {
            size,
            layout,
            data: vec![0; byte_len(size.width, size.height, layout)?],
            last: None,
            saved: Vec::new(),
        })
    }

    /// Ends the frame before, and makes ready for one in this area, which lies within the canvas.
    pub(super) fn begin(&mut self, area: Area, dispose: Dispose) {
        match self.last.take() {
            Some((last, Dispose::Clear)) => self.rows(last).for_each(|row| row.fill(0)),
            Some((last, Dispose::Restore)) => {
                let saved = std::mem::take(&mut self.saved);
                let row_len = last.width as usize * self.layout.samples();
                for (row, saved) in self.rows(last).zip(saved.chunks_exact(row_len.max(1))) {
                    row.copy_from_slice(saved);
                }
                self.saved = saved;
            }
            Some((_, Dispose::Keep)) | None => {}
        }
        if dispose == Dispose::Restore {
            let mut saved = std::mem::take(&mut self.saved);
            saved.clear();
            self.rows(area).for_each(|row| saved.extend_from_slice(row));
            self.saved = saved;
        }
        self.last = Some((area, dispose));
    }

    /// The parts of the rows that lie in an area.
    pub(super) fn rows(&mut self, area: Area) -> impl Iterator<Item = &mut [u8]> {
        let samples = self.layout.samples();
        let (left, width) = (area.left as usize * samples, area.width as usize * samples);
        self.data
            .chunks_exact_mut(self.size.width as usize * samples)
            .skip(area.top as usize)
            .take(area.height as usize)
            .filter_map(move |row| row.get_mut(left..left + width))
    }

    pub(super) fn size(&self) -> Size {
        self.size
    }

    pub(super) fn layout(&self) -> Layout {
        self.layout
    }

    /// What is seen now.
    pub(super) fn picture(&self) -> Result<Picture, RenderError> {
        let Size { width, height } = self.size;
        Picture::new(width, height, self.layout, self.data.clone())
    }
}

/// The smallest area in which two pictures of one size and layout differ: one pixel, if they are the same.
pub(super) fn changed(before: &Picture, after: &Picture) -> Area {
    let row_len = after.width() as usize * after.layout().samples();
    let rows = || {
        let before = before.data().chunks_exact(row_len);
        before.zip(after.data().chunks_exact(row_len))
    };
    let differs = |(before, after): (&[u8], &[u8])| before != after;
    let (Some(top), Some(bottom)) = (rows().position(differs), rows().rposition(differs)) else {
        return Area::whole(Size::new(1, 1));
    };
    let (mut left, mut right) = (row_len, 0);
    for (before, after) in rows().skip(top).take(bottom + 1 - top) {
        let samples = || before.iter().zip(after);
        let ahead = samples().take(left).take_while(|(a, b)| a == b).count();
        left = left.min(ahead);
        let behind = samples()
            .skip(right)
            .rev()
            .take_while(|(a, b)| a == b)
            .count();
        right = row_len - behind;
    }
    let samples = after.layout().samples();
    let (left, right) = (left / samples, right.div_ceil(samples));
    let length = |from: usize, to: usize| u32::try_from(to - from).unwrap_or(u32::MAX);
    Area {
        left: length(0, left),
        top: length(0, top),
        width: length(left, right),
        height: length(top, bottom + 1),
    }
}

/// The samples of a part of a picture.
pub(super) fn cut(picture: &Picture, area: Area) -> Vec<u8> {
    let samples = picture.layout().samples();
    let (left, width) = (area.left as usize * samples, area.width as usize * samples);
    picture
        .data()
        .chunks_exact(picture.width() as usize * samples)
        .skip(area.top as usize)
        .take(area.height as usize)
        .filter_map(|row| row.get(left..left + width))
        .flatten()
        .copied()
        .collect()
}
