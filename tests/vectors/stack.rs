//! From a URL to what it asks for, and to the image, by the layers' own rules and without a server.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use imgward::clock::ManualClock;
use imgward::dialect::Dialect;
use imgward::engine::{Avif, Codecs, Engine, LossyWebP, Rendered, Svg, Tiff};
use imgward::guard::{Guard as _, Rejection};
use imgward::mount::MountPath;
use imgward::recipe::ImageRequest;
use imgward::signature::{Scheme, Verifier};

use crate::compare::alike;
use crate::reference::Reference;
use crate::sources;

/// A dialect, and an engine that weights samples as libvips does, so that a reference need not know of light.
pub(crate) struct Stack {
    scheme: Scheme,
    mount: MountPath,
    dialect: Dialect,
    engine: Engine,
}

impl Stack {
    pub(crate) fn new(dialect: Dialect) -> Self {
        let codecs = Codecs::new()
            .with(LossyWebP)
            .with(Avif)
            .with(Svg)
            .with(Tiff);
        Self {
            scheme: dialect.scheme(),
            mount: MountPath::root(),
            dialect,
            engine: Engine::new(codecs).linear(false),
        }
    }

    pub(crate) fn at(self, mount: &str) -> Self {
        let mount = MountPath::new(mount).unwrap();
        Self {
            dialect: self.dialect.at(mount.clone()),
            mount,
            ..self
        }
    }

    /// What a URL asks for, at a time.
    pub(crate) fn parse_at(&self, url: &str, now: u64) -> Result<Arc<ImageRequest>, Rejection> {
        let mut verifier = Verifier::unsigned(self.scheme)
            .at(self.mount.clone())
            .clock(ManualClock::at(now));
        if let Some(expiry) = self.dialect.path_expiry() {
            verifier = verifier.path_expiry(expiry);
        }
        let request = Request::get(url).body(());
        let request = request.unwrap_or_else(|why| panic!("{url:?}: {why}"));
        let (mut head, ()) = request.into_parts();
        let mut pass = verifier.check(&head)?;
        verifier.apply(&mut head, &mut pass);
        let request = self.dialect.check(&head)?;
        Ok(request.unwrap_or_else(|| panic!("{url:?} is outside the mount")))
    }

    /// What a URL asks for.
    pub(crate) fn parse(&self, url: &str) -> Result<Arc<ImageRequest>, String> {
        self.parse_at(url, 1_700_000_000)
            .map_err(|why| format!("{}: {}", why.code(), why.detail()))
    }

    fn render(&self, request: &ImageRequest) -> Result<Rendered, String> {
        let sources: Vec<Bytes> = request
            .sources
            .iter()
            .map(|name| sources::file(name))
            .collect();
        let sources: Vec<&[u8]> = sources.iter().map(|file| &**file).collect();
        self.engine
            .render(&sources, &request.recipe)
            .map_err(|why| why.to_string())
    }

    /// A row of a table of sizes: a URL, the size `WxH` of its image, and the format, or `-`. Behind the format there may be
    /// the number of frames.
    pub(crate) fn size(&self, [url, size, format]: [&str; 3]) -> Result<(), String> {
        let made = self.render(&*self.parse(url)?)?;
        let frames = format!("{} {}", made.format.name(), made.frames);
        if format!("{}x{}", made.width, made.height) == size
            && ["-", made.format.name(), &frames].contains(&format)
        {
            return Ok(());
        }
        Err(format!("{}x{} {frames}", made.width, made.height))
    }

    /// A row of a table of contents: a URL, the reference, and the mean error that is allowed, or `-`.
    pub(crate) fn content(&self, [url, reference, error]: [&str; 3]) -> Result<(), String> {
        let request = self.parse(url)?;
        let made = self.render(&request)?;
        let image = image::load_from_memory(&made.bytes).map_err(|why| why.to_string())?;
        let image = Reference::from(&image.to_rgba8());
        // A blank picture has no source.
        let source = request.sources.first().map_or("", |name| name);
        let reference = Reference::of(source, reference);
        let error = if error == "-" {
            crate::compare::ERROR
        } else {
            error.parse().unwrap()
        };
        alike(&image, &reference, error)
    }

    /// A row of a table of meanings: a URL, and another that asks for the same.
    pub(crate) fn same(&self, [url, other]: [&str; 2]) -> Result<(), String> {
        let (request, other) = (self.parse(url)?, self.parse(other)?);
        if request == other {
            return Ok(());
        }
        Err(format!("\n  {request:?}\n  {other:?}"))
    }

    /// A row of a table of names: a URL, and the names of its images, with ` ` between them.
    pub(crate) fn names(&self, [url, names]: [&str; 2]) -> Result<(), String> {
        let request = self.parse(url)?;
        let found = request.sources.join(" ");
        (found == names).then_some(()).ok_or(found)
    }

    /// A row of a table of refusals: a URL, the code, and a part of what the client is told.
    pub(crate) fn refused(&self, [url, code, detail]: [&str; 3]) -> Result<(), String> {
        match self.parse_at(url, 1_700_000_000) {
            Ok(request) => Err(format!("{request:?}")),
            Err(why) if why.code() == code && why.detail().contains(detail) => Ok(()),
            Err(why) => Err(format!("{}: {}", why.code(), why.detail())),
        }
    }

    /// A row of a table of expiries: a URL, the time in seconds, and the code of the refusal, or `ok`.
    pub(crate) fn expiry(&self, [url, now, verdict]: [&str; 3]) -> Result<(), String> {
        let found = match self.parse_at(url, now.parse().unwrap()) {
            Ok(_) => "ok",
            Err(why) => why.code(),
        };
        (found == verdict).then_some(()).ok_or_else(|| found.into())
    }

    /// A row of a table of results: a URL, and a size and a format, `= URL` for one that asks for the same, `shows REFERENCE`,
    /// or the code of a refusal.
    pub(crate) fn makes(&self, [url, result]: [&str; 2]) -> Result<(), String> {
        match self.parse(url) {
            Err(why) if why.starts_with(&format!("{result}: ")) => Ok(()),
            Err(why) => Err(why),
            Ok(_) if result.starts_with("= ") => self.same([url, &result[2..]]),
            Ok(_) => match (result.strip_prefix("shows "), result.split_once(' ')) {
                (Some(reference), _) => self.content([url, reference, "-"]),
                (None, Some((size, format))) => self.size([url, size, format]),
                (None, None) => self.size([url, result, "-"]),
            },
        }
    }

    /// A row of a table of differences: its number in the dialect's documentation, a URL, what the original makes of it,
    /// and what is made here.
    pub(crate) fn differs(&self, [_, url, theirs, ours]: [&str; 4]) -> Result<(), String> {
        assert_ne!(theirs, ours);
        self.makes([url, ours])
    }
}
