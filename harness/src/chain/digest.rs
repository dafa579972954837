//! What made a schema, in one number.

use sha2::{Digest, Sha256};

use super::load::Chain;
use super::revision::Revision;
use crate::text::hex::hex;

impl Chain {
    /// SHA-256 in hexadecimal over all that the schema comes from: owner, schemas, manifest, layout, preludes, revisions,
    /// in order; not over what undoes them. Equal digests on equal servers give equal schemas.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        // Lengths keep one part from passing for another.
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        part(b"rlsgate.chain/1");
        part(self.owner().as_bytes());
        part(self.manifest_source.as_bytes());
        part(self.layout.name.as_bytes());
        for prelude in &self.preludes {
            part(prelude.name.as_bytes());
            part(prelude.script.as_ref().map_or("", |script| &script.source).as_bytes());
        }
        for revision in &self.revisions {
            part(revision.id.as_bytes());
            part(revision.up.source().as_bytes());
            part(&[u8::from(revision.up.one_by_one())]);
        }
        // What an Alembic that runs them is, and all that its files may import.
        part(self.project.as_ref().map_or("", |project| &project.source).as_bytes());
        hex(hash.finalize())
    }
}

impl Revision {
    /// SHA-256 in hexadecimal of the file that it stands in, whole: what a released revision is known by.
    #[must_use]
    pub fn checksum(&self) -> String {
        hex(Sha256::digest(self.up.source()))
    }
}
