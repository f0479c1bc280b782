//! What each key is for, in a line.

/// The description of a key, by its path at the top of the file.
pub(super) fn description(path: &str) -> Option<&'static str> {
    let (_, text) = DESCRIPTIONS.iter().find(|(known, _)| *known == path)?;
    Some(text)
}

const DESCRIPTIONS: &[(&str, &str)] = &[
    ("listen", "The address and port that the server listens on"),
    (
        "admin_listen",
        "The address and port of /healthz, /readyz and /metrics",
    ),
    (
        "max_connections",
        "The most connections that are open at a time; more wait to be accepted",
    ),
    (
        "client_timeout",
        "How long a client may take for the head of a request, for some bytes of an answer, and without a request",
    ),
    ("tls", "That the server speaks TLS; not of a mount"),
    (
        "tls.cert",
        "A file with the certificate, and behind it those that it was issued with",
    ),
    ("tls.key", "A file with the key of the certificate"),
    ("otel", "That spans are sent to a collector; not of a mount"),
    ("otel.endpoint", "The URL of the collector: OTLP over gRPC"),
    (
        "environment",
        "How much is asked of the rules: in production, URLs must be signed unless the file says otherwise",
    ),
    (
        "playground",
        "Whether there is a page to try URLs on, in development",
    ),
    (
        "report_only",
        "The rules that log their verdict and let every request pass",
    ),
    (
        "shutdown_timeout",
        "How long requests in flight may take when the server stops",
    ),
    ("client_ip", "Whose word on the client's address counts"),
    (
        "client_ip.trusted_proxies",
        "Addresses and networks whose header is believed",
    ),
    (
        "client_ip.header",
        "x-forwarded-for, forwarded (RFC 7239), or a header of one address",
    ),
    ("ip", "Who may come by address"),
    ("ip.block", "Addresses and networks that are refused"),
    ("ip.allow", "Where not empty, nobody else gets in"),
    (
        "ip.block_file",
        "A file with an entry a line, whose entries are refused too",
    ),
    (
        "ip.allow_file",
        "A file with an entry a line, whose entries are allowed too",
    ),
    ("geo", "Who may come by country"),
    (
        "geo.mode",
        "Whether the countries are refused, or the only ones that are let in",
    ),
    ("geo.countries", "ISO 3166-1 alpha-2 codes"),
    ("geo.database", "A file in MaxMind's format"),
    (
        "geo.country_header",
        "A header with the country, believed from trusted proxies only, ahead of the database",
    ),
    (
        "geo.unknown",
        "What becomes of unknown countries; by default what the mode does with unlisted ones",
    ),
    ("geo.status", "403 or 451"),
    ("user_agent_block", "Who may not come by User-Agent"),
    (
        "user_agent_block.contains",
        "Texts within a User-Agent that is refused, in any case",
    ),
    ("referer", "Which pages may show the images"),
    (
        "referer.mode",
        "Whether the sites are refused, or the only ones that may show them",
    ),
    (
        "referer.sites",
        "Schemes and hosts, such as https://*.example.com",
    ),
    (
        "referer.missing",
        "What becomes of requests without a Referer",
    ),
    (
        "referer.cross_site",
        "What becomes of requests without a Referer where Sec-Fetch-Site says cross-site",
    ),
    (
        "referer.match_scheme",
        "Whether the scheme has to be the same, too",
    ),
    (
        "user_agent",
        "Rules by which Accept is replaced, of which the first that matches wins",
    ),
    (
        "user_agent.contains",
        "Texts within a User-Agent, in any case",
    ),
    ("user_agent.accept", "What takes the place of Accept"),
    ("signature", "Which URLs are valid"),
    (
        "signature.scheme",
        "How URLs are signed; by default as the dialect has it",
    ),
    (
        "signature.required",
        "Whether unsigned URLs are refused; by default they are in production",
    ),
    (
        "signature.secrets",
        "Secrets, or env:NAME or file:PATH: the first signs, all verify",
    ),
    (
        "signature.salts",
        "imgproxy's salts in hexadecimal, one a secret",
    ),
    (
        "signature.keys",
        "Secrets with an id, for the schemes optstuff and query",
    ),
    ("signature.keys.id", "The name of the key in URLs"),
    (
        "signature.keys.secret",
        "The secret, or env:NAME or file:PATH",
    ),
    (
        "signature.keys.expires",
        "The moment from which the key is good for nothing (RFC 3339)",
    ),
    (
        "signature.algorithm",
        "The hash of the HMAC; by default the scheme's own",
    ),
    (
        "signature.truncate",
        "How many characters of a signature are written",
    ),
    (
        "signature.require_expiry",
        "Whether a signed URL that never expires is refused",
    ),
    (
        "signature.max_lifetime",
        "A signed URL that lives for longer from now is refused",
    ),
    ("signature.leeway", "How far clocks may be apart"),
    ("transform", "What images may be made, and at what cost"),
    ("transform.dialect", "What URLs mean"),
    (
        "transform.auto_format",
        "Tried in this order against Accept where the URL names no format",
    ),
    (
        "transform.quality",
        "The quality of images whose URL names none",
    ),
    ("transform.quality.jpeg", "From 1 to 100"),
    ("transform.quality.webp", "From 1 to 100"),
    ("transform.quality.avif", "From 1 to 100"),
    ("transform.strip_metadata", "Whether metadata is left out"),
    (
        "transform.allow_original",
        "Whether untouched sources may be asked for",
    ),
    (
        "transform.client_hints",
        "Whether the client's width and pixel ratio count where the URL asks for them",
    ),
    (
        "transform.strict",
        "Whether unknown filters of imagor's are refused",
    ),
    (
        "transform.watermark",
        "The image that imgproxy's watermark draws",
    ),
    (
        "transform.presets",
        "imgproxy's presets, ImageKit's named transformations",
    ),
    (
        "transform.only_presets",
        "Whether nothing but presets may be asked for",
    ),
    (
        "transform.animation_frames",
        "After how many frames an animation is cut",
    ),
    ("transform.max_source_bytes", "The most bytes of a source"),
    (
        "transform.max_source_pixels",
        "The most pixels of a source: width by height by frames",
    ),
    ("transform.max_source_width", "The widest source, in pixels"),
    (
        "transform.max_source_height",
        "The highest source, in pixels",
    ),
    (
        "transform.max_output_pixels",
        "The most pixels of an image that is made: width by height by frames",
    ),
    ("transform.max_frames", "The most frames of a source"),
    (
        "transform.concurrency",
        "How many images are made at a time; by default as many as there are cores",
    ),
    (
        "transform.queue",
        "How many images wait to be made; 0: none",
    ),
    (
        "transform.load_concurrency",
        "How many sources are loaded at a time",
    ),
    (
        "transform.memory_budget",
        "For sources and planned pixels of all requests together",
    ),
    ("transform.request_timeout", "How long a request may take"),
    (
        "transform.load_timeout",
        "How long a source may take to come",
    ),
    (
        "transform.process_timeout",
        "How long an image may take to be made",
    ),
    (
        "origin",
        "Where the originals come from: one of files, http and bucket",
    ),
    ("origin.files", "A folder"),
    (
        "origin.http",
        "Whether they come from other servers, and the URL names the image's own URL",
    ),
    (
        "origin.bucket",
        "A bucket and folder, such as s3://photos/originals",
    ),
    ("origin.base_url", "The URL that every image is below"),
    ("origin.https_only", "Whether http URLs are refused"),
    (
        "origin.forward_headers",
        "Headers of the client that are handed on",
    ),
    (
        "origin.on_error",
        "Images that are shown in place of a refusal, by its code",
    ),
    ("source", "What may be fetched from other servers"),
    (
        "source.allow",
        "Hosts, globs on hosts, and beginnings of URLs",
    ),
    (
        "source.allow_regex",
        "A regular expression that has to match a whole host",
    ),
    (
        "source.subdomains",
        "Whether an entry stands for all below it, too",
    ),
    (
        "source.allow_private_networks",
        "Whether addresses that are not public may be connected to",
    ),
    (
        "source.allow_networks",
        "Networks that may be connected to although they are not public",
    ),
    (
        "source.block_networks",
        "Networks that are never connected to",
    ),
    ("source.max_redirects", "How many redirects are followed"),
    ("cache", "What is kept of the images, here and elsewhere"),
    (
        "cache.memory",
        "How many bytes of images are kept in memory",
    ),
    (
        "cache.store",
        "The URL of a store that all instances share, such as file:///var/cache/imgward",
    ),
    ("cache.ttl", "For how long an image is used"),
    (
        "cache.stale_while_revalidate",
        "For how long after that it is answered with while another is made",
    ),
    (
        "cache.negative_ttl",
        "For how long it is remembered that there is no such image",
    ),
    ("cache.browser_ttl", "The max-age that clients are told"),
    (
        "cache.shared",
        "Whether the caches in front apply the same rules by address and country",
    ),
    ("cache.no_store", "Whether clients are told to keep nothing"),
    ("cors", "Which pages may read the images by script"),
    ("cors.allow_origins", "Their origins, or *"),
    ("log", "How the server logs"),
    ("log.format", "The form of a line"),
    ("log.level", "What is too detailed to be logged"),
    (
        "mount",
        "Images below a path, with tables that replace those at the top",
    ),
    ("mount.path", "Where they are"),
];
