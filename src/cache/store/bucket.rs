use std::future::poll_fn;

use bytes::Bytes;
use object_store::ObjectStoreExt as _;

use super::{Store, StoreError, StoreFuture};
use crate::bucket::Bucket;

impl Store for Bucket {
    fn get(&self, name: &str, most: u64) -> StoreFuture<Option<Bytes>> {
        let (bucket, key) = (self.clone(), self.own_key(name));
        Box::pin(async move {
            let object = match bucket.store.get(&key).await {
                Ok(object) => object,
                Err(object_store::Error::NotFound { .. }) => return Ok(None),
                Err(error) => return Err(StoreError::new(error)),
            };
            if object.meta.size > most {
                return Err(StoreError::new("what is kept is too large"));
            }
            object.bytes().await.map(Some).map_err(StoreError::new)
        })
    }

    fn put(&self, name: &str, bytes: Bytes) -> StoreFuture<()> {
        let (bucket, key) = (self.clone(), self.own_key(name));
        Box::pin(async move {
            let put = bucket.store.put(&key, bytes.into()).await;
            put.map(|_| ()).map_err(StoreError::new)
        })
    }

    fn remove(&self, name: &str) -> StoreFuture<()> {
        let (bucket, key) = (self.clone(), self.own_key(name));
        Box::pin(async move {
            match bucket.store.delete(&key).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(StoreError::new(error)),
            }
        })
    }

    fn list(&self, prefix: &str, most: usize) -> StoreFuture<Vec<String>> {
        let (bucket, prefix) = (self.clone(), self.own_key(prefix));
        Box::pin(async move {
            let mut names = Vec::new();
            let mut objects = bucket.store.list(Some(&prefix));
            while names.len() < most
                && let Some(object) = poll_fn(|cx| objects.as_mut().poll_next(cx)).await
            {
                let key = object.map_err(StoreError::new)?.location;
                names.extend(bucket.name(&key));
            }
            Ok(names)
        })
    }
}
