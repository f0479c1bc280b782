use std::time::Duration;

use gif::{DisposalMethod, Encoder, EncodingError, Frame as GifFrame, Repeat};

use crate::engine::codec::canvas::{changed, cut};
use crate::engine::codec::{EncodeOptions, palette};
use crate::engine::plan::Area;
use crate::engine::{Frame, Frames, Layout, Picture, RenderError, ops};

pub(super) fn animation(
    frames: &mut dyn Frames,
    options: &EncodeOptions,
) -> Result<Vec<u8>, RenderError> {
    let first = frames.next_frame()?;
    let first = first.ok_or_else(|| RenderError::corrupt("the animation has no frame"))?;
    let (Ok(width), Ok(height)) = (
        u16::try_from(first.pixels.width()),
        u16::try_from(first.pixels.height()),
    ) else {
        return Err(RenderError::too_large(
            "a GIF has at most 65535 pixels a side",
        ));
    };
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height, &[]).map_err(failed)?;
    let repeat = match options.loops {
        0 => Some(Repeat::Infinite),
        1 => None,
        plays => Some(Repeat::Finite(u16::try_from(plays - 1).unwrap_or(u16::MAX))),
    };
    if let Some(repeat) = repeat {
        encoder.set_repeat(repeat).map_err(failed)?;
    }
    let most = options.colors.unwrap_or(256).clamp(2, 256);
    let mut clock = Clock::default();
    let mut last: Option<Picture> = None;
    let mut next = Some((opaque_or_not(&first)?, first.delay));
    while let Some((picture, delay)) = next {
        next = match frames.next_frame()? {
            Some(frame) => Some((opaque_or_not(&frame)?, frame.delay)),
            None => None,
        };
        // What is seen through needs a clear canvas: it is cleared after itself, and before it.
        let clears = |picture: &Picture| picture.layout().has_alpha();
        let cleared = clears(&picture) || next.as_ref().is_some_and(|(next, _)| clears(next));
        let area = match &last {
            Some(last) if last.size() != picture.size() => {
                return Err(RenderError::internal(
                    "an animation's frames are not of one size",
                ));
            }
            Some(last) if !cleared && last.layout() == picture.layout() => changed(last, &picture),
            _ => Area::whole(picture.size()),
        };
        let mut frame = frame(&picture, area, most, clock.hundredths(delay))?;
        if cleared {
            frame.dispose = DisposalMethod::Background;
        }
        encoder.write_frame(&frame).map_err(failed)?;
        last = Some(picture);
    }
    encoder
        .into_inner()
        .map_err(|error| RenderError::internal(format!("writing a GIF: {error}")))?;
    Ok(bytes)
}

/// The picture with each pixel either opaque or not there at all.
fn opaque_or_not(frame: &Frame) -> Result<Picture, RenderError> {
    let picture = ops::as_packed(&frame.pixels)?;
    if !picture.layout().has_alpha() {
        return Ok(picture.into_owned());
    }
    let pixels = palette::colors(&picture).map(|color| match color {
        [red, green, blue, alpha] if alpha >= 128 => [red, green, blue, u8::MAX],
        _ => [0; 4],
    });
    let (width, height) = (picture.width(), picture.height());
    Picture::new(width, height, Layout::Rgba, pixels.flatten().collect())
}

fn frame(
    picture: &Picture,
    area: Area,
    most: u16,
    delay: u16,
) -> Result<GifFrame<'static>, RenderError> {
    let part = Picture::new(
        area.width,
        area.height,
        picture.layout(),
        cut(picture, area),
    )?;
    let palette = match palette::exact(&part, most.into()) {
        Some(palette) => palette,
        None => palette::quantized(&part, most)?,
    };
    let transparent = palette.colors.iter().position(|color| color[3] < 128);
    let side = |length: u32| u16::try_from(length).unwrap_or(u16::MAX);
    Ok(GifFrame {
        delay,
        transparent: transparent.and_then(|index| u8::try_from(index).ok()),
        left: side(area.left),
        top: side(area.top),
        width: side(area.width),
        height: side(area.height),
        palette: Some(
            palette
                .colors
                .iter()
                .flat_map(|&[red, green, blue, _]| [red, green, blue])
                .collect(),
        ),
        buffer: palette.indices.into(),
        ..GifFrame::default()
    })
}

/// Counts in hundredths of a second such that the frames together take as long as they should.
#[derive(Default)]
struct Clock {
    asked: Duration,
    given: u128,
}

impl Clock {
    fn hundredths(&mut self, delay: Duration) -> u16 {
        self.asked = self.asked.saturating_add(delay);
        let until = (self.asked.as_millis() + 5) / 10;
        let hundredths = u16::try_from(until.saturating_sub(self.given)).unwrap_or(u16::MAX);
        self.given += u128::from(hundredths);
        hundredths
    }
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` gives it away")]
fn failed(error: EncodingError) -> RenderError {
    RenderError::internal(format!("writing a GIF: {error}"))
}
