//! Sees that files change.

use std::time::Duration;

use imgward::config::ConfigFile;

/// How often the files are looked at. A change that is seen twice like this is one that is finished.
///
/// Looking is what works everywhere: a file that is renamed over another, a link that leads elsewhere, a network's file
/// system, a volume of a container. Of a few files it costs next to nothing.
const INTERVAL: Duration = Duration::from_millis(250);

/// Comes when one of the files is another than it was, and stays so.
pub(crate) async fn changed(files: &[ConfigFile]) {
    let mut before: Option<Vec<ConfigFile>> = None;
    loop {
        tokio::time::sleep(INTERVAL).await;
        let then = files.to_vec();
        // The file system may be slow, and has no other way to ask.
        let look = move || -> Vec<_> { then.iter().map(ConfigFile::now).collect() };
        let Ok(now) = tokio::task::spawn_blocking(look).await else {
            continue;
        };
        if now == files {
            before = None;
        } else if before.as_ref() == Some(&now) {
            return;
        } else {
            before = Some(now);
        }
    }
}
