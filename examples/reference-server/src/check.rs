//! `imgward check`

use std::fmt;
use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use http::header::{ACCEPT, HOST, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Request, Uri};
use imgward::config::{Config, Rule};
use imgward::country::CountryCode;
use imgward::geo::{CountryLookup, LookupError};
use imgward::guard::Guard;
use imgward::recipe::ImageRequest;
use imgward::request_facts::{PeerAddr, RequestFacts};
use imgward::signature::VerifiedTarget;

use crate::Outcome;
use crate::gate::{Gate, Route};
use crate::imagor;
use crate::settings::Settings;

#[derive(Args)]
pub(crate) struct Check {
    #[command(flatten)]
    settings: Settings,
    /// The address that the request comes from.
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    ip: IpAddr,
    /// A header of the request.
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(HeaderName, HeaderValue)>,
    /// The country that the address is in, instead of what the database or a header says.
    #[arg(long, value_name = "CODE")]
    country: Option<CountryCode>,
    /// The path (and query) of the request, or its whole URL.
    #[arg(value_parser = target)]
    target: Uri,
}

pub(crate) fn header(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (name, value) = text
        .split_once(':')
        .ok_or("a header is a name, a colon and a value")?;
    let name = name
        .parse()
        .map_err(|_| format!("{name:?} is not the name of a header"))?;
    let value = value.trim_matches([' ', '\t']);
    // As it is sent, in whatever encoding.
    let value = HeaderValue::from_bytes(value.as_bytes());
    Ok((name, value.map_err(|_| "the value has control characters")?))
}

/// What a client sends of a URL.
pub(crate) fn target(text: &str) -> Result<Uri, &'static str> {
    let uri: Uri = text.parse().map_err(|_| "not a URL")?;
    let is_whole = uri.scheme().is_some();
    let target = uri.into_parts().path_and_query.map(Uri::from);
    let target = target.filter(|_| is_whole || text.starts_with('/'));
    target.ok_or("a path begins with a slash")
}

impl Check {
    pub(crate) fn run(self) -> Outcome {
        let config = self.settings.read()?;
        let head = head(self.ip, self.headers, self.target);
        let judged = judge(&config, head, self.country);
        let mut out = io::stdout().lock();
        for verdict in &judged.verdicts {
            writeln!(out, "{verdict}")?;
        }
        Ok(if judged.admitted {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

/// The head of a GET request that comes from an address.
pub(crate) fn head(ip: IpAddr, headers: Vec<(HeaderName, HeaderValue)>, target: Uri) -> Parts {
    let (mut head, ()) = Request::new(()).into_parts();
    head.uri = target;
    for (name, value) in headers {
        // Several lines of a name stay several.
        head.headers.append(name, value);
    }
    // Every client sends one.
    head.headers
        .entry(HOST)
        .or_insert(HeaderValue::from_static("localhost"));
    head.extensions.insert(PeerAddr(SocketAddr::new(ip, 0)));
    head
}

/// What the layers make of a request.
#[derive(Debug)]
pub(crate) struct Judged {
    /// In the order in which the request meets them, up to the one that refuses it.
    pub(crate) verdicts: Vec<Verdict>,
    /// Whether it would reach the transform.
    pub(crate) admitted: bool,
}

/// What a layer says of a request.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) layer: &'static str,
    /// `pass`, `report` and a code, or the code of a refusal.
    pub(crate) says: String,
    pub(crate) why: String,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { layer, says, why } = self;
        let line = format!("{layer:<17} {says:<18} {why}");
        f.write_str(line.trim_end())
    }
}

/// Runs the layers of a configuration over a request's head. Nothing is sent to any origin. A `country` is where the
/// client is then, whoever says otherwise.
pub(crate) fn judge(config: &Config, head: Parts, country: Option<CountryCode>) -> Judged {
    let mut run = Run {
        head,
        country,
        verdicts: Vec::new(),
    };
    let admitted = run.through(config).is_some();
    Judged {
        verdicts: run.verdicts,
        admitted,
    }
}

/// A database of one country.
#[derive(Debug)]
struct Everywhere(CountryCode);

impl CountryLookup for Everywhere {
    fn country(&self, _address: IpAddr) -> Result<Option<CountryCode>, LookupError> {
        Ok(Some(self.0))
    }
}

/// A request on its way through the layers, and what they said of it.
struct Run {
    head: Parts,
    country: Option<CountryCode>,
    verdicts: Vec<Verdict>,
}

impl Run {
    /// Runs the layers in the order of the server's stack. `None` where one refuses.
    fn through(&mut self, config: &Config) -> Option<()> {
        if let (Some(answers), [mount]) = (&config.imagor, &*config.mounts)
            && imagor::page(answers, &mount.path, &self.head.method, &self.head.uri).is_some()
        {
            let why = "answered with a page, as imagor does";
            self.say("imagor", "pass", why);
            return Some(());
        }
        let gate = Gate::new(config.mounts.iter().map(|mount| mount.path.clone()));
        self.layer("mount", &gate, false)?;
        let Route(route) = *self.head.extensions.get()?;
        let mount = config.mounts.get(route)?;
        let only = |rule| config.reports_only(rule);

        self.layer("client_ip", &mount.client_ip, false)?;
        self.optional("ip", mount.ip.as_ref(), only(Rule::Ip))?;
        let tried = self.country.and_then(|country| {
            let geo = mount.geo.clone()?;
            Some(geo.only_lookup(Everywhere(country)))
        });
        let geo = tried.as_ref().or(mount.geo.as_ref());
        self.optional("geo", geo, only(Rule::Geo))?;
        self.optional(
            "user_agent_block",
            mount.user_agent_block.as_ref(),
            only(Rule::UserAgentBlock),
        )?;
        self.optional("referer", mount.referer.as_ref(), only(Rule::Referer))?;
        self.optional("user_agent", mount.user_agent.as_ref(), false)?;
        self.layer("signature", &mount.signature, only(Rule::Signature))?;
        self.layer("transform", &mount.dialect, false)?;
        self.optional("source", mount.source.as_ref(), false)?;
        if let Err(why) = mount.transform.check(&self.head) {
            // What is met last is what it says.
            self.verdicts.retain(|verdict| verdict.layer != "transform");
            self.say("transform", why.code(), why.reason());
            return None;
        }
        Some(())
    }

    fn say(&mut self, layer: &'static str, says: impl Into<String>, why: impl Into<String>) {
        let (says, why) = (says.into(), why.into());
        self.verdicts.push(Verdict { layer, says, why });
    }

    fn optional<G: Guard>(
        &mut self,
        name: &'static str,
        guard: Option<&G>,
        report_only: bool,
    ) -> Option<()> {
        match guard {
            Some(guard) => self.layer(name, guard, report_only),
            None => Some(()),
        }
    }

    fn layer<G: Guard>(&mut self, layer: &'static str, guard: &G, report_only: bool) -> Option<()> {
        let (says, why, goes_on) = match guard.check(&self.head) {
            Ok(mut pass) => {
                guard.apply(&mut self.head, &mut pass);
                (String::from("pass"), self.found(layer), true)
            }
            Err(why) if report_only => {
                guard.apply_reported(&mut self.head, &why);
                (format!("report {}", why.code()), why.reason().into(), true)
            }
            Err(why) => (why.code().into(), why.reason().into(), false),
        };
        self.say(layer, says, why);
        goes_on.then_some(())
    }

    /// What a layer found out about a request that it let pass.
    fn found(&self, layer: &str) -> String {
        let extensions = &self.head.extensions;
        let facts: Option<&RequestFacts> = extensions.get();
        match layer {
            "client_ip" => match facts.and_then(RequestFacts::client_ip) {
                Some(address) => format!("the client is {address}"),
                None => "the client is unknown".into(),
            },
            "geo" => match facts.and_then(RequestFacts::country) {
                Some(country) => format!("the country is {country}"),
                None => "the country is unknown".into(),
            },
            "user_agent" => match self.head.headers.get(ACCEPT) {
                Some(accept) => format!("Accept is {accept:?}"),
                None => "there is no Accept".into(),
            },
            "signature" => match extensions.get().map(VerifiedTarget::signed) {
                Some(true) => "the signature verifies".into(),
                _ => "the URL is not signed".into(),
            },
            "transform" => match extensions.get::<Arc<ImageRequest>>() {
                Some(request) => format!("made of {:?}", request.sources),
                None => String::new(),
            },
            "source" => "the sources are allowed by their names".into(),
            _ => String::new(),
        }
    }
}
