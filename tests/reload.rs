//! Rules that are swapped while requests run.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, ScopedJoinHandle};

use http::Request;
use imgward::client_ip::{ClientIpHeader, ClientIpLayer};
use imgward::guard::{Guard as _, GuardLayer};
use imgward::ip_filter::IpFilter;
use imgward::reload;
use imgward::request_facts::RequestFacts;
use imgward_harness::{MemoryOrigin, Server, photo, with_health};
use tower::ServiceBuilder;

#[test]
fn row_39_no_request_sees_an_empty_list() {
    const REQUESTS: usize = 300;
    let lists = [
        IpFilter::block(["198.51.100.0/24", "192.0.2.0/24"]).unwrap(),
        IpFilter::block(["198.51.100.7"]).unwrap(),
    ];
    let filter = reload::handle(lists[0].clone());
    let stack = ServiceBuilder::new()
        .layer(ClientIpLayer::behind(["127.0.0.1"], ClientIpHeader::XForwardedFor).unwrap())
        .layer(GuardLayer::new(filter.clone()));
    let origin = MemoryOrigin::new().with("/photo.jpg", "image/jpeg", photo::jpeg(8, 8));
    let server = Server::hyper(stack.service(with_health(origin)));

    let (done, checks) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        // Both lists have this client, whichever is in force.
        scope.spawn(|| {
            let (mut head, ()) = Request::new(()).into_parts();
            let listed = RequestFacts::from_client_ip([198, 51, 100, 7].into());
            head.extensions.insert(listed);
            while !done.load(Ordering::Relaxed) {
                assert!(filter.check(&head).is_err());
                checks.fetch_add(1, Ordering::Relaxed);
            }
        });
        scope.spawn(|| {
            for list in lists.iter().cycle() {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                filter.swap(list.clone());
            }
        });
        let clients = [("198.51.100.7", 403), ("203.0.113.7", 200)].map(|(client, status)| {
            let server = &server;
            scope.spawn(move || {
                for nth in 0..REQUESTS {
                    let request = server.client().get("/photo.jpg");
                    let answer = request.header("X-Forwarded-For", client).send().unwrap();
                    assert_eq!(answer.status(), status, "request {nth} of {client}");
                }
            })
        });
        let results = clients.map(ScopedJoinHandle::join);
        done.store(true, Ordering::Relaxed);
        assert!(results.iter().all(Result::is_ok));
    });
    assert!(checks.into_inner() > REQUESTS);
}
