use http::header::{ACCEPT, CACHE_CONTROL, USER_AGENT, VARY};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request, Response};
use proptest::prelude::*;

use super::texts::Texts;
use super::*;
use crate::guard::{Caching, Guard, RejectionKind};

/// What browsers and robots of the field call themselves.
const IN_THE_FIELD: [&str; 8] = [
    "Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.107 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/64.0.3282.140 Safari/537.36 Edge/18.17763",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 13_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.2 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/14.1 Safari/605.1.15",
    "Mozilla/5.0 (Linux; Android 11; SM-G991B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/14.2 Chrome/87.0.4280.141 Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:93.0) Gecko/20100101 Firefox/93.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (Linux; Android 11; moto g power (2022)) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Mobile Safari/537.36 Chrome-Lighthouse",
];

fn head<V: AsRef<[u8]>>(user_agents: &[V]) -> Parts {
    let mut request = Request::builder()
        .header(ACCEPT, "image/png")
        .header(ACCEPT, "image/gif");
    for user_agent in user_agents {
        request = request.header(USER_AGENT, user_agent.as_ref());
    }
    request.body(()).unwrap().into_parts().0
}

/// The Accept lines that a request goes on with.
fn rewritten<V: AsRef<[u8]>>(rules: &AcceptRewrite, user_agents: &[V]) -> Vec<String> {
    let mut head = head(user_agents);
    let mut pass = rules.check(&head).unwrap();
    rules.apply(&mut head, &mut pass);
    let lines = head.headers.get_all(ACCEPT).iter();
    lines.map(|line| line.to_str().unwrap().into()).collect()
}

/// The headers of an answer after a guard had its say.
fn answered<G: Guard>(guard: &G, pass: G::Pass, lines: &[(&str, &str)]) -> HeaderMap {
    let mut response = Response::builder();
    for &(name, value) in lines {
        response = response.header(name, value);
    }
    let (mut head, ()) = response.body(()).unwrap().into_parts();
    guard.respond(pass, &mut Caching::of(&mut head.headers));
    head.headers
}

fn vary(headers: &HeaderMap) -> String {
    let lines = headers.get_all(VARY).iter();
    lines
        .map(|line| line.to_str().unwrap())
        .collect::<Vec<_>>()
        .join(", ")
}

fn rules() -> AcceptRewrite {
    AcceptRewrite::from_rules([
        (["Android 11", "MyApp/"], "image/webp,image/apng,*/*;q=0.8"),
        (["Android", "Linux"], "image/jpeg"),
    ])
    .unwrap()
}

#[test]
fn a_user_agent_is_blocked_by_a_text_in_any_case() {
    let rules = UserAgentBlock::containing(["BadBot", "evil crawler", "caf\u{e9}"]).unwrap();
    let cases: [(&[&[u8]], bool); 12] = [
        (&[b"BadBot"], true),
        (&[b"Mozilla/5.0 (compatible; bAdBoT/2.1)"], true),
        (&[b"BadBadBot"], true),
        (&[b"an EVIL CRAWLER"], true),
        (&[b"\xff\xfebadbot\xff"], true),
        (&["a caf\u{e9}".as_bytes()], true),
        (&[b"Mozilla/5.0", b"badbot"], true),
        (&["a caf\u{c9}".as_bytes()], false),
        (&[b"Bad Bot"], false),
        (&[b"BadBo"], false),
        (&[b""], false),
        (&[], false),
    ];
    for (user_agents, blocked) in cases {
        let verdict = rules.check(&head(user_agents));
        assert_eq!(verdict.is_err(), blocked, "{user_agents:?}");
    }
    let why = rules.check(&head(&["badbot/1.0"])).unwrap_err();
    assert_eq!(why.kind(), RejectionKind::UserAgentBlocked);
    assert_eq!(why.reason(), "the User-Agent contains \"BadBot\"");
}

#[test]
fn what_shared_caches_may_keep_varies_on_the_user_agent() {
    let rules = UserAgentBlock::containing(["BadBot"]).unwrap();
    let cases = [
        ("public, max-age=60", "accept, user-agent"),
        ("max-age=60", "accept, user-agent"),
        ("private, max-age=60", "accept"),
        ("no-store", "accept"),
    ];
    for (cache_control, after) in cases {
        let lines = [("cache-control", cache_control), ("vary", "accept")];
        let headers = answered(&rules, (), &lines);
        assert_eq!(vary(&headers), after, "{cache_control}");
        assert_eq!(headers[CACHE_CONTROL], cache_control);
    }
    assert_eq!(vary(&answered(&rules, (), &[])), "user-agent");
}

#[test]
fn the_first_rule_that_matches_replaces_every_accept() {
    let webp: &[&str] = &["image/webp,image/apng,*/*;q=0.8"];
    let jpeg: &[&str] = &["image/jpeg"];
    let untouched: &[&str] = &["image/png", "image/gif"];
    let cases: [(&[&str], &[&str]); 6] = [
        (&["Linux; Android 11"], webp),
        (&["myapp/3 (Linux)"], webp),
        (&["linux", "android 11"], webp),
        (&["Android 10"], jpeg),
        (&["Windows"], untouched),
        (&[], untouched),
    ];
    for (user_agents, accept) in cases {
        assert_eq!(rewritten(&rules(), user_agents), accept, "{user_agents:?}");
    }
}

#[test]
fn an_answer_that_varies_on_accept_varies_on_the_user_agent() {
    let cases = [
        ("Accept", "Accept, user-agent"),
        ("origin, accept", "origin, accept, user-agent"),
        ("Accept, User-Agent", "Accept, User-Agent"),
        ("Accept-Encoding", "Accept-Encoding"),
        ("*", "*"),
        ("*, accept", "*, accept"),
    ];
    for (before, after) in cases {
        for matched in [Some(0), None] {
            let headers = answered(&rules(), matched, &[("vary", before)]);
            assert_eq!(vary(&headers), after, "{before} {matched:?}");
        }
    }
    assert!(answered(&rules(), Some(0), &[]).is_empty());
}

#[test]
fn row_92_nothing_is_rewritten_or_refused_but_by_a_rule() {
    let rewrite = AcceptRewrite::from_rules([(["MyApp/"], "image/webp")]).unwrap();
    let block = UserAgentBlock::containing(["BadBot"]).unwrap();
    let untouched = ["image/png", "image/gif"];
    let long = "Mozilla/5.0 ".repeat(64 * 1024 / 12);
    let mut user_agents: Vec<&[u8]> = vec![b"\xff\xfe\x80", b"", long.as_bytes()];
    user_agents.extend(IN_THE_FIELD.map(str::as_bytes));
    for user_agent in user_agents {
        assert_eq!(
            rewritten(&rewrite, &[user_agent]),
            untouched,
            "{user_agent:?}"
        );
        assert!(block.check(&head(&[user_agent])).is_ok(), "{user_agent:?}");
    }
    assert_eq!(rewritten::<&str>(&rewrite, &[]), untouched);
    assert!(block.check(&head::<&str>(&[])).is_ok());
    // The end of a long one is looked at too.
    assert!(block.check(&head(&[format!("{long}badbot")])).is_err());
    assert_eq!(
        rewritten(&rewrite, &[format!("{long}myapp/1")]),
        ["image/webp"]
    );
}

#[test]
fn bad_texts_are_named_together() {
    let none: [&str; 0] = [];
    let cases: [(&[&str], &str); 2] = [
        (
            &["", "BadBot", "a\nb", "\u{7f}"],
            "text 0: \"\" is empty, and every User-Agent contains it\n\
             text 2: \"a\\nb\" has a control character, and no User-Agent contains it\n\
             text 3: \"\\u{7f}\" has a control character, and no User-Agent contains it",
        ),
        (&none, "there is no text to look for in a User-Agent"),
    ];
    for (texts, message) in cases {
        let error = UserAgentBlock::containing(texts).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn bad_rules_are_named_together() {
    let rules: [(&[&str], &str); 4] = [
        (&["a", ""], "image/webp"),
        (&["a"], "image/webp"),
        (&[], "webp"),
        (&["a"], "image/webp;q=2"),
    ];
    let error = AcceptRewrite::from_rules(rules.map(|(texts, accept)| (texts.to_vec(), accept)))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "rule 0: text 1: \"\" is empty, and every User-Agent contains it\n\
         rule 2: there is no text to look for in a User-Agent\n\
         rule 2: \"webp\" is not a list of media ranges\n\
         rule 3: \"image/webp;q=2\" is not a list of media ranges"
    );
    let none: [([&str; 1], &str); 0] = [];
    let error = AcceptRewrite::from_rules(none).unwrap_err();
    assert_eq!(error, InvalidAcceptRules::NoRule);
}

#[test]
fn an_accept_is_a_list_of_media_ranges() {
    let cases = [
        ("image/webp,image/apng,*/*;q=0.8", true),
        (
            "text/html, application/xhtml+xml ;q=1.000 , image/*; Q=0",
            true,
        ),
        ("image/avif;level=1;q=0.125", true),
        ("*/*", true),
        ("", false),
        ("webp", false),
        ("image/", false),
        ("/png", false),
        ("*/png", false),
        ("image/webp,", false),
        ("image/webp,,image/png", false),
        ("image/we bp", false),
        ("image/webp;q", false),
        ("image/webp;q=", false),
        ("image/webp;q=1.1", false),
        ("image/webp;q=0.1234", false),
        ("image/webp;q=.5", false),
        ("image/webp\r\nX: y", false),
        ("image/w\u{e9}bp", false),
    ];
    for (accept, valid) in cases {
        let rules = AcceptRewrite::from_rules([(["a"], accept)]);
        assert_eq!(rules.is_ok(), valid, "{accept:?}");
    }
}

proptest! {
    #[test]
    fn substrings_are_found_as_by_lower_case_contains(
        // A small alphabet, so that substrings overlap and are found.
        substrings in prop::collection::vec("[aAbB\u{e9}]{1,5}", 1..6),
        text in prop::collection::vec(prop::sample::select(b"aAbB\xc3\xa9\xff ".as_slice()), 0..40),
    ) {
        let contains = |substring: &String| {
            let (text, substring) = (text.to_ascii_lowercase(), substring.to_ascii_lowercase());
            text.windows(substring.len()).any(|window| window == substring.as_bytes())
        };
        let texts = Texts::new(&substrings).unwrap();
        let headers = HeaderMap::from_iter([(
            USER_AGENT,
            HeaderValue::from_bytes(&text).unwrap(),
        )]);
        let found = texts.find(&headers);
        prop_assert_eq!(found.is_some(), substrings.iter().any(contains));
        if let Some(found) = found {
            prop_assert!(contains(&found.to_owned()));
        }
    }
}
