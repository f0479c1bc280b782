//! The stacks that are timed, and the requests that pass them all.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr};

use http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderValue, REFERER, USER_AGENT,
};
use http::{Request, Response};
use imgward::client_ip::{ClientIpHeader, ClientIpLayer};
use imgward::geo::{GeoRestriction, GeoRestrictionLayer, MaxMindDb};
use imgward::ip_filter::{CidrSet, IpFilter, IpFilterLayer};
use imgward::referer::RefererLayer;
use imgward::request_facts::{PeerAddr, RequestFacts};
use imgward::signature::{Keyring, Scheme, SignatureLayer, Signer, Verifier};
use imgward::user_agent::{AcceptRewriteLayer, UserAgentBlockLayer};
use maxminddb_writer::Database;
use maxminddb_writer::metadata::IpVersion;
use maxminddb_writer::paths::IpAddrWithMask;
use tower::layer::util::Identity;
use tower::{Layer, Service, ServiceBuilder};

use super::{Timed, timed};

/// Numbers that look random and are the same in every run: xorshift (Marsaglia, 2003).
struct Numbers(u32);

impl Numbers {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }
}

/// Clients have odd addresses and blocked networks even ones, so that no client is ever blocked, however many
/// networks there are.
fn blocked(count: usize) -> CidrSet {
    let mut numbers = Numbers(0x9e37_79b9);
    let mut text = String::new();
    for _ in 0..count {
        writeln!(text, "{}", Ipv4Addr::from_bits(numbers.next() & !1)).expect("a String takes it");
    }
    CidrSet::parse_text(&text).expect("they are addresses")
}

fn clients() -> impl Iterator<Item = Ipv4Addr> {
    let mut numbers = Numbers(0x1234_5678);
    std::iter::repeat_with(move || Ipv4Addr::from_bits(numbers.next() | 1))
}

fn keyring() -> Keyring {
    Keyring::of_secrets(["correct horse battery staple"])
}

/// The `nth` batch of requests that every stack allows: behind a trusted proxy, from clients all over, signed, from a listed site.
pub(super) fn requests(nth_batch: usize, count: usize) -> Vec<Request<()>> {
    let signer = Signer::new(Scheme::query(), keyring()).expect("there is a secret");
    let sites = [
        "https://example.com/",
        "https://shop.img.example.com/a/b?c=d",
    ];
    (0..count)
        .zip(clients().skip(nth_batch * count))
        .map(|(nth, client)| {
            let target = format!("fit-in/600x400/filters:format(webp)/photos/{nth}.jpg");
            let mut request = Request::get(signer.sign(&target, None).expect("it is a path"))
                .header(HOST, "images.example.com")
                .header(USER_AGENT, "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36")
                .header(ACCEPT, "image/avif,image/webp,image/apng,*/*;q=0.8")
                .header(REFERER, sites[nth % sites.len()])
                .header("x-forwarded-for", format!("{client}, 10.1.2.3"))
                .extension(PeerAddr("10.0.0.1:443".parse().expect("an address")))
                .body(())
                .expect("a request");
            // What the guards behind `client_ip` read, where they are timed without it.
            request.extensions_mut().insert(RequestFacts::from_client_ip(IpAddr::V4(client)));
            request
        })
        .collect()
}

/// Answers at once, with the headers that an image has.
#[derive(Clone)]
struct Bare;

impl Service<Request<()>> for Bare {
    type Response = Response<()>;
    type Error = std::convert::Infallible;
    type Future = Ready<Result<Response<()>, Self::Error>>;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Self::Error>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        let mut response = Response::new(());
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("image/webp"));
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("31415"));
        headers.insert(
            CACHE_CONTROL,
            HeaderValue::from_static("private, max-age=3600"),
        );
        ready(Ok(response))
    }
}

fn client_ip() -> ClientIpLayer {
    ClientIpLayer::behind(["10.0.0.0/8"], ClientIpHeader::XForwardedFor).expect("a network")
}

fn ip_filter(count: usize) -> IpFilterLayer {
    IpFilterLayer::new(IpFilter::new().with_block(blocked(count)))
}

fn geo() -> GeoRestrictionLayer {
    let mut database = Database::default();
    database.metadata.ip_version = IpVersion::V4;
    database.metadata.binary_format_major_version = 2;
    database.metadata.database_type = "Country".into();
    database.metadata.description = [("en".into(), "countries".into())].into();
    let countries = ["CH", "JP", "BR", "ZA"].map(|code| {
        let record = BTreeMap::from([("country_code", code)]);
        database.insert_value(record).expect("a record")
    });
    for network in 0..=u16::MAX {
        let address = Ipv4Addr::from_bits(u32::from(network) << 16);
        let network: IpAddrWithMask = format!("{address}/16").parse().expect("a network");
        let country = countries[address.octets()[1] as usize % countries.len()];
        database.insert_node(network, country);
    }
    let mut bytes = Vec::new();
    database.write_to(&mut bytes).expect("a Vec takes it");
    let database = MaxMindDb::from_bytes(bytes).expect("a database");
    let rules = GeoRestriction::block(["KP", "IR"]).database(database);
    GeoRestrictionLayer::new(rules.build().expect("countries"))
}

fn referer() -> RefererLayer {
    RefererLayer::allow(["https://example.com", "https://*.img.example.com"]).expect("sites")
}

fn user_agent_block() -> UserAgentBlockLayer {
    UserAgentBlockLayer::containing(["BadBot", "curl/"]).expect("texts")
}

fn accept_rewrite() -> AcceptRewriteLayer {
    AcceptRewriteLayer::from_rules([(["Android 11", "MyApp/"], "image/webp,*/*;q=0.8")])
        .expect("rules")
}

fn signature() -> SignatureLayer {
    SignatureLayer::new(Verifier::new(Scheme::query(), keyring()).expect("there is a secret"))
}

/// Every guard but the signature, as one layer.
macro_rules! guards {
    ($cidrs:expr) => {
        ServiceBuilder::new()
            .layer(client_ip())
            .layer(ip_filter($cidrs))
            .layer(geo())
            .layer(user_agent_block())
            .layer(referer())
            .layer(accept_rewrite())
    };
}

fn one<L>(layer: L) -> Timed
where
    L: Layer<Bare>,
    L::Service: Service<Request<()>, Response = Response<()>> + 'static,
{
    timed(layer.layer(Bare))
}

/// Every stack, the bare service first.
pub(super) fn all() -> Vec<(&'static str, Timed)> {
    vec![
        ("bare service", one(Identity::new())),
        (
            "client_ip (X-Forwarded-For, 1 trusted hop)",
            one(client_ip()),
        ),
        ("ip_filter, 10 networks", one(ip_filter(10))),
        ("ip_filter, 10,000 networks", one(ip_filter(10_000))),
        ("ip_filter, 1,000,000 networks", one(ip_filter(1_000_000))),
        ("geo (65,536 networks)", one(geo())),
        ("user_agent_block (2 texts)", one(user_agent_block())),
        ("referer (2 sites)", one(referer())),
        ("accept_rewrite (2 texts)", one(accept_rewrite())),
        ("signature (HMAC-SHA-256)", one(signature())),
        (
            "all but signature, 10 networks",
            timed(guards!(10).service(Bare)),
        ),
        (
            "all but signature, 10,000 networks",
            timed(guards!(10_000).service(Bare)),
        ),
        (
            "all but signature, 1,000,000 networks",
            timed(guards!(1_000_000).service(Bare)),
        ),
        (
            "all, 10 networks",
            timed(guards!(10).layer(signature()).service(Bare)),
        ),
        (
            "all, 1,000,000 networks",
            timed(guards!(1_000_000).layer(signature()).service(Bare)),
        ),
    ]
}
