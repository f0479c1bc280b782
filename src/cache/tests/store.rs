//! A store that does what it should, and stores that do not.

use std::collections::BTreeMap;
use std::future::pending;

use super::*;
use crate::cache::entry::Entry;
use crate::cache::freshness::Freshness;
use crate::cache::key::Key;
use crate::cache::store::{Limits, Tier};

#[derive(Clone, Debug)]
struct Fake {
    kept: Arc<Mutex<BTreeMap<String, Bytes>>>,
    fault: Arc<Mutex<Fault>>,
    /// Removals wait until it is open.
    removes: watch::Sender<bool>,
    reads: Arc<AtomicUsize>,
    writes: Arc<AtomicUsize>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Fault {
    #[default]
    None,
    /// Nothing is ever answered.
    Slow,
    /// Everything is an error.
    Gone,
    /// Writes are errors.
    Full,
    /// Everything panics.
    Panics,
}

impl Default for Fake {
    fn default() -> Self {
        Self::with(Fault::None)
    }
}

impl Fake {
    fn with(fault: Fault) -> Self {
        Self {
            kept: Arc::default(),
            fault: Arc::new(Mutex::new(fault)),
            removes: watch::Sender::new(true),
            reads: Arc::default(),
            writes: Arc::default(),
        }
    }

    fn names(&self) -> Vec<String> {
        self.kept.lock().unwrap().keys().cloned().collect()
    }

    fn act<T: Send + 'static>(
        &self,
        writes: bool,
        act: impl FnOnce(&mut BTreeMap<String, Bytes>) -> T + Send + 'static,
    ) -> StoreFuture<T> {
        let Self { kept, fault, .. } = self.clone();
        let fault = *fault.lock().unwrap();
        Box::pin(async move {
            match fault {
                Fault::Slow => pending().await,
                Fault::Gone => return Err(StoreError::new("gone")),
                Fault::Full if writes => return Err(StoreError::new("full")),
                Fault::Panics => panic!("a test panics"),
                Fault::None | Fault::Full => {}
            }
            Ok(act(&mut kept.lock().unwrap()))
        })
    }
}

impl Store for Fake {
    fn get(&self, name: &str, most: u64) -> StoreFuture<Option<Bytes>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let name = name.to_owned();
        self.act(false, move |kept| {
            kept.get(&name)
                .filter(|bytes| bytes.len() as u64 <= most)
                .cloned()
        })
    }

    fn put(&self, name: &str, bytes: Bytes) -> StoreFuture<()> {
        self.writes.fetch_add(1, Ordering::SeqCst);
        let name = name.to_owned();
        self.act(true, move |kept| {
            kept.insert(name, bytes);
        })
    }

    fn remove(&self, name: &str) -> StoreFuture<()> {
        let name = name.to_owned();
        let (fake, mut open) = (self.clone(), self.removes.subscribe());
        Box::pin(async move {
            open.wait_for(|open| *open).await.unwrap();
            let remove = fake.act(true, move |kept| {
                kept.remove(&name);
            });
            remove.await
        })
    }

    fn list(&self, prefix: &str, most: usize) -> StoreFuture<Vec<String>> {
        let prefix = prefix.to_owned();
        self.act(false, move |kept| {
            let names = kept.keys().filter(|name| name.starts_with(&prefix));
            names.take(most).cloned().collect()
        })
    }
}

fn instance(store: &Fake) -> Cache {
    Cache::builder()
        .memory(1_000_000)
        .store(store.clone())
        .store_timeout(Duration::from_millis(10))
        .build()
}

#[tokio::test]
async fn a_second_instance_finds_what_the_first_one_made() {
    let store = Fake::default();
    let maker = Maker::new(|_| image("made", &[(VARY, "accept")]));
    let first = instance(&store);
    let made = send(
        &layer(&first).layer(maker.clone()),
        get(&photo("a.png"), &[]),
    )
    .await;
    assert_eq!(state(&made), "miss");
    first.flush().await;
    assert_eq!(store.names().len(), 1);

    let second = instance(&store);
    let service = layer(&second).layer(maker.clone());
    let found = send(&service, get(&photo("a.png"), &[])).await;
    assert_eq!(state(&found), "hit");
    for name in [ETAG, VARY, CACHE_CONTROL, CONTENT_TYPE, CONTENT_LENGTH] {
        assert_eq!(found.headers()[&name], made.headers()[&name], "{name}");
    }
    assert_eq!(text(found).await, "made");
    let reads = store.reads.load(Ordering::SeqCst);
    send(&service, get(&photo("a.png"), &[])).await;
    assert_eq!(store.reads.load(Ordering::SeqCst), reads, "memory is first");
    assert_eq!(maker.calls(), 1);
}

#[tokio::test]
async fn a_store_that_fails_fails_no_request() {
    for fault in [Fault::Slow, Fault::Gone, Fault::Full, Fault::Panics] {
        let store = Fake::with(fault);
        let cache = instance(&store);
        let maker = Maker::of_images();
        let service = layer(&cache).layer(maker.clone());
        for index in 0..20 {
            let answer = send(&service, get(&photo(&format!("{index}.png")), &[])).await;
            assert_eq!(answer.status(), StatusCode::OK, "{fault:?}");
            assert_eq!(state(&answer), "miss", "{fault:?}");
        }
        let answer = send(&service, get(&photo("0.png"), &[])).await;
        assert_eq!(state(&answer), "hit", "{fault:?}");
        assert_eq!(maker.calls(), 20, "{fault:?}");
        if fault != Fault::Full {
            let reads = store.reads.load(Ordering::SeqCst);
            assert!(reads < 20, "a store that is gone is left alone: {reads}");
        }
    }
}

#[tokio::test]
async fn a_store_that_goes_in_the_middle_loses_no_request() {
    let store = Fake::default();
    let cache = instance(&store);
    let service = layer(&cache).layer(Maker::of_images());
    send(&service, get(&photo("a.png"), &[])).await;
    cache.flush().await;
    for fault in [Fault::Gone, Fault::Slow, Fault::None] {
        *store.fault.lock().unwrap() = fault;
        for name in ["a.png", "b.png", "c.png"] {
            let answer = send(&service, get(&photo(name), &[])).await;
            assert_eq!(answer.status(), StatusCode::OK, "{fault:?}");
        }
    }
}

#[tokio::test]
async fn what_is_damaged_is_made_anew_and_written_over() {
    type Damage = fn(&[u8]) -> Vec<u8>;
    let damage: [Damage; 4] = [
        |_| Vec::new(),
        |bytes| bytes[..bytes.len() / 2].to_vec(),
        |bytes| {
            let mut bytes = bytes.to_vec();
            *bytes.last_mut().unwrap() ^= 1;
            bytes
        },
        |_| b"<!doctype html>".to_vec(),
    ];
    for (index, damage) in damage.into_iter().enumerate() {
        let store = Fake::default();
        let maker = Maker::new(|_| image("made", &[]));
        let first = instance(&store);
        send(
            &layer(&first).layer(maker.clone()),
            get(&photo("a.png"), &[]),
        )
        .await;
        first.flush().await;
        let name = store.names().remove(0);
        let whole = store.kept.lock().unwrap()[&name].clone();
        let damaged = Bytes::from(damage(&whole));
        store.kept.lock().unwrap().insert(name.clone(), damaged);

        // One that cannot write sees to it that the damage is gone, at least.
        let second = instance(&store);
        let service = layer(&second).layer(maker.clone());
        let answer = send(&service, get(&photo("a.png"), &[])).await;
        assert_eq!((state(&answer), &*text(answer).await), ("miss", "made"));
        second.flush().await;
        assert_eq!(maker.calls(), 2, "{index}");
        assert_eq!(store.kept.lock().unwrap()[&name].len(), whole.len());

        let third = instance(&store);
        let service = layer(&third).layer(maker.clone());
        let answer = send(&service, get(&photo("a.png"), &[])).await;
        assert_eq!(state(&answer), "hit", "{index}");
    }
}

#[tokio::test]
async fn what_is_old_in_the_store_is_made_anew() {
    let store = Fake::default();
    let clock = ManualClock::at(1_000_000);
    let instance = || {
        let cache = Cache::builder().store(store.clone()).clock(clock.clone());
        cache.build()
    };
    let maker = Maker::of_images();
    for (later, expected) in [(0, "miss"), (59, "hit"), (1, "miss"), (59, "hit")] {
        clock.advance(Duration::from_secs(later));
        let cache = instance();
        let service = layer(&cache).ttl(Duration::from_secs(60));
        let answer = send(&service.layer(maker.clone()), get(&photo("a.png"), &[])).await;
        assert_eq!(state(&answer), expected);
        cache.flush().await;
    }
}

#[tokio::test]
async fn what_is_asked_for_each_time_costs_the_store_nothing_more() {
    let store = Fake::default();
    let tag = Arc::new(Mutex::new("\"a\""));
    let said = Arc::clone(&tag);
    let maker = Maker::new(move |call| {
        let mut answer = image("made", &[]);
        if call > 1 {
            answer = Response::new(ImageBody::default());
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(ETAG, HeaderValue::from_static(*said.lock().unwrap()));
        answer.extensions_mut().insert(Provenance(vec![headers]));
        answer
    });
    let ask = async |cache: &Cache, expected: [usize; 2]| {
        let service = layer(cache).layer(maker.clone());
        let answer = send(&service, get(&photo("a.png"), &[])).await;
        cache.flush().await;
        let counts = [&store.reads, &store.writes];
        let counts = counts.map(|count| count.swap(0, Ordering::SeqCst));
        assert_eq!(counts, expected);
        (state(&answer).to_owned(), text(answer).await)
    };
    let hit = (String::from("hit"), String::from("made"));
    let cache = instance(&store);
    assert_eq!(ask(&cache, [1, 1]).await.0, "miss");
    for _ in 0..3 {
        assert_eq!(ask(&cache, [0, 0]).await, hit);
    }
    // Another process has it from the store, and once.
    let second = instance(&store);
    for reads in [1, 0] {
        assert_eq!(ask(&second, [reads, 0]).await, hit);
    }
    // What is to be asked with from now on is written, once.
    *tag.lock().unwrap() = "\"b\"";
    assert_eq!(ask(&cache, [0, 1]).await, hit);
    assert_eq!(ask(&cache, [0, 0]).await, hit);
    assert_eq!(ask(&instance(&store), [1, 0]).await, hit);
}

#[tokio::test]
async fn what_could_not_be_read_again_is_not_written() {
    let image = Bytes::from(vec![7; 1000]);
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("image/png"));
    let key = Key {
        source: [1; 32],
        request: [2; 32],
        variant: [3; 32],
    };
    let said = Freshness::default();
    let entry = Entry::new(key, [[4; 32]].into(), 0, said, headers, image);
    let entry = Arc::new(entry);
    let mut seen = [false; 2];
    for max_bytes in (900..3000).step_by(10) {
        let store = Fake::default();
        let limits = Limits {
            read_timeout: Duration::from_secs(30),
            writes: 1,
            write_bytes: 1_000_000,
            max_bytes,
        };
        let tier = Arc::new(Tier::new(Arc::new(store.clone()), limits));
        tier.write_behind(&entry, || true);
        tier.flush().await;
        let is_written = !store.names().is_empty();
        assert_eq!(tier.unwritten() == 0, is_written, "{max_bytes}");
        assert_eq!(tier.read(&key).await.is_some(), is_written, "{max_bytes}");
        seen[usize::from(is_written)] = true;
    }
    assert_eq!(seen, [true; 2]);
}

#[tokio::test]
async fn what_waits_to_be_written_is_bounded() {
    let cases = [(4, 1_000_000, 4), (100, 5 * 1024, 5)];
    for (images, bytes, written) in cases {
        let store = Fake::with(Fault::Slow);
        let cache = Cache::builder()
            .memory(1_000_000)
            .store(store.clone())
            .store_timeout(Duration::from_millis(1))
            .write_behind(images, bytes)
            .build();
        let service = layer(&cache).layer(Maker::of_images());
        // Reads are answered, writes are not.
        *store.fault.lock().unwrap() = Fault::None;
        let maker = Maker::of_images().close();
        let held = layer(&cache).layer(maker.clone());
        let asked: Vec<_> = (0..20)
            .map(|index| spawn(&held, get(&photo(&format!("{index}.png")), &[])))
            .collect();
        all_run().await;
        *store.fault.lock().unwrap() = Fault::Slow;
        maker.open();
        for answer in asked {
            assert_eq!(state(&answer.await.unwrap()), "miss");
        }
        all_run().await;
        assert_eq!(store.writes.load(Ordering::SeqCst), written, "{images}");
        let answer = send(&service, get(&photo("19.png"), &[])).await;
        assert_eq!(state(&answer), "hit", "memory has what the store has not");
    }
}

#[tokio::test]
async fn purging_reaches_the_store() {
    let store = Fake::default();
    let cache = instance(&store);
    let layer = layer(&cache);
    let service = layer.layer(Maker::of_images());
    let mut marked = photo("b.png");
    marked.sources.extend(["a.png".into(), "b.png".into()]);
    for wanted in [photo("a.png"), marked.clone(), photo("c.png")] {
        send(&service, get(&wanted, &[])).await;
    }
    cache.flush().await;
    // One name more leads from the overlay to what was made with it.
    assert_eq!(store.names().len(), 4);

    // Another process, whose memory is empty.
    let cache = instance(&store);
    let layer = super::layer(&cache);
    assert_eq!(layer.purge(&photo("c.png")).await.unwrap(), 1);
    assert_eq!(store.names().len(), 3);
    assert_eq!(layer.purge_source("a.png").await.unwrap(), 2);
    assert_eq!(store.names(), Vec::<String>::new());
    assert_eq!(layer.purge_source("a.png").await.unwrap(), 0);

    *store.fault.lock().unwrap() = Fault::Gone;
    let error = layer.purge_source("a.png").await.unwrap_err();
    assert_eq!(error.to_string(), "the store failed: gone");
}

#[tokio::test]
async fn what_is_read_from_the_store_while_it_is_purged_is_not_kept() {
    for fault in [Fault::None, Fault::Full] {
        let store = Fake::default();
        let cache = instance(&store);
        let layer = layer(&cache);
        let service = layer.layer(Maker::of_images());
        send(&service, get(&photo("a.png"), &[])).await;
        cache.flush().await;

        store.removes.send_replace(false);
        let purging = layer.clone();
        let purging = tokio::spawn(async move { purging.purge_source("a.png").await });
        all_run().await;
        let meanwhile = send(&service, get(&photo("a.png"), &[])).await;
        assert_eq!(text(meanwhile).await, "image 1", "{fault:?}");
        *store.fault.lock().unwrap() = fault;
        store.removes.send_replace(true);
        let purged = purging.await.unwrap();
        assert_eq!(purged.is_ok(), fault == Fault::None, "{fault:?}");
        // Where the store still has it, only the memory is asked.
        if fault != Fault::None {
            *store.fault.lock().unwrap() = Fault::Gone;
        }
        let after = send(&service, get(&photo("a.png"), &[])).await;
        assert_eq!(text(after).await, "image 2", "{fault:?}");
    }
}

#[cfg(feature = "object-store")]
#[tokio::test]
async fn a_folder_is_a_store() {
    use crate::bucket::{Bucket, BucketOptions};

    let folder = std::env::temp_dir().join(format!("imgward-cache-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let url = format!("file://{}", folder.display());
    let instance = || {
        let cache = Cache::builder().store(Bucket::open(&url, &BucketOptions::new()).unwrap());
        cache.store_timeout(Duration::from_secs(30)).build()
    };
    let maker = Maker::of_images();
    let mut marked = photo("b.png");
    marked.sources.push("a.png".into());
    for expected in ["miss", "hit"] {
        let cache = instance();
        let service = layer(&cache).layer(maker.clone());
        for wanted in [photo("a.png"), marked.clone()] {
            let answer = send(&service, get(&wanted, &[])).await;
            assert_eq!(state(&answer), expected);
        }
        cache.flush().await;
    }
    assert_eq!(maker.calls(), 2);
    let cache = instance();
    assert_eq!(layer(&cache).purge_source("a.png").await.unwrap(), 2);
    let service = layer(&cache).layer(maker.clone());
    for wanted in [photo("a.png"), marked] {
        let answer = send(&service, get(&wanted, &[])).await;
        assert_eq!(state(&answer), "miss");
    }
    cache.flush().await;
    std::fs::remove_dir_all(&folder).unwrap();
}
