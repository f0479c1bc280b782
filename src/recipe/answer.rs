use super::Format;

/// What a request is answered with.
///
/// ```
/// use imgward::engine::Engine;
/// use imgward::recipe::{Answer, Description, Fact, Recipe, Words};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut photo = Vec::new();
/// image::RgbImage::new(60, 40).write_to(&mut std::io::Cursor::new(&mut photo), image::ImageFormat::Png)?;
///
/// let mut recipe = Recipe::default();
/// let (words, facts) = (Words::Imagor, vec![Fact::Dimensions]);
/// recipe.output.answer = Answer::Description(Description { words, facts });
/// let told = Engine::default().render(&[&photo], &recipe)?;
/// assert_eq!(told.media_type, "application/json");
/// assert_eq!(&*told.bytes, br#"{"width":60,"height":40}"#);
///
/// assert!(Engine::default().render(&[b"<html>not found</html>"], &recipe).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Answer {
    /// The image that is made.
    #[default]
    Image,
    /// The main source, byte for byte. Its header is read, and has to keep to the limits of the engine; what is drawn (SVG) is
    /// refused.
    Original,
    /// The same where the source has one of these formats and the image would have it too; elsewhere the image.
    OriginalOf(Vec<Format>),
    /// What there is to tell of the image, instead of the image.
    Description(Description),
    /// A JSON document that is there already: what a dialect read in a URL. No source is loaded.
    Document(Box<str>),
}

/// What to tell of an image, as a JSON object.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// How its members are called.
    pub words: Words,
    /// What it tells, in this order.
    pub facts: Vec<Fact>,
}

/// How the members of a [`Description`] are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Words {
    /// As imagor's `meta/` calls them. They are about the image that would be answered with.
    Imagor,
    /// As imgproxy's `info` calls them. They are about the source.
    Imgproxy,
}

/// Something that can be told of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fact {
    /// Its format and its media type.
    Format,
    /// How many bytes the source has.
    Bytes,
    /// Its width and height in pixels, upright.
    Dimensions,
    /// The value of the EXIF orientation, where it is upright by that; 0: nothing is said, or the pixels have been turned.
    Orientation,
    /// How many frames it has.
    Frames,
    /// How many samples a pixel has.
    Samples,
    /// What a sample is: a byte.
    SampleFormat,
    /// Whether it is in colour: `srgb`, or `b-w`.
    ColorSpace,
    /// Whether pixels have alpha.
    Alpha,
    /// What the camera wrote: how and when the picture was taken. Where, and by which device of its kind, is not told.
    Exif,
    /// The mean colour.
    Average,
    /// So many colours that the picture has most of, 2 to 16.
    Palette(u8),
    /// Its [`BlurHash`](crate::engine::describe::blurhash), of so many waves across and down.
    BlurHash(u8, u8),
    /// Its [`ThumbHash`](crate::engine::describe::thumbhash), in base64.
    ThumbHash,
    /// A digest of the source, in hexadecimal digits.
    Digest(Digest),
}

/// A digest function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Digest {
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

/// What the bytes of a source have to come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checksum {
    /// The digest function.
    pub digest: Digest,
    /// What it has to come to.
    pub value: Box<[u8]>,
}

/// A picture of one colour, in place of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blank {
    /// The width in pixels.
    pub width: u32,
    /// The height in pixels.
    pub height: u32,
    /// The colour.
    pub color: super::Color,
}
