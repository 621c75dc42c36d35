//! The prepared statements of one connection.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io;
use std::sync::Arc;

use bytes::BytesMut;
use postgres_protocol::message::frontend;
use sha2::{Digest as _, Sha256};

use super::parameters::ParameterType;

/// How many prepared statements each connection keeps; after that the least recently used one is dropped.
const STATEMENTS: usize = 256;

/// The statements that the server has prepared.
#[derive(Debug)]
pub(super) struct Statements {
    /// Whether statements have names, and so are kept.
    is_named: bool,
    known: HashMap<Arc<str>, Vec<Prepared>>,
    count: usize,
    /// The statements that are new in the current batch.
    new: Vec<(Arc<str>, String)>,
    clock: u64,
}

#[derive(Debug)]
struct Prepared {
    types: Vec<ParameterType>,
    name: String,
    used: u64,
}

impl Statements {
    pub(super) fn new(is_named: bool) -> Self {
        Self {
            is_named,
            known: HashMap::new(),
            count: 0,
            new: Vec::new(),
            clock: 0,
        }
    }

    /// Begins a batch.
    pub(super) fn begin(&mut self) {
        self.new.clear();
    }

    /// The name of a statement. Its preparation is added to `write` if the server does not know it.
    pub(super) fn name(
        &mut self,
        sql: &Arc<str>,
        types: impl ExactSizeIterator<Item = ParameterType> + Clone,
        write: &mut BytesMut,
    ) -> io::Result<&str> {
        if !self.is_named {
            frontend::parse("", sql, types.map(|ty| ty as u32), write)?;
            return Ok("");
        }

        self.clock += 1;
        let place = self.known.get(sql).and_then(|list| {
            list.iter().position(|prepared| {
                prepared.types.len() == types.len() && types.clone().eq(prepared.types.iter().copied())
            })
        });
        let place = match place {
            Some(place) => place,
            None => self.prepare(sql, types.collect(), write)?,
        };

        let list = self.known.get_mut(sql).expect("invariant: it was found or added");
        list[place].used = self.clock;
        Ok(&list[place].name)
    }

    fn prepare(&mut self, sql: &Arc<str>, types: Vec<ParameterType>, write: &mut BytesMut) -> io::Result<usize> {
        self.make_room(write)?;
        let name = name_of(sql, &types);
        frontend::parse(&name, sql, types.iter().map(|&ty| ty as u32), write)?;

        self.new.push((Arc::clone(sql), name.clone()));
        self.count += 1;

        let list = self.known.entry(Arc::clone(sql)).or_default();
        list.push(Prepared {
            types,
            name,
            used: self.clock,
        });

        Ok(list.len() - 1)
    }

    /// Forgets the statements that were new in a failed batch, here and on the server, which may not have prepared
    /// them.
    pub(super) fn forget_new(&mut self, write: &mut BytesMut) -> io::Result<()> {
        for (sql, name) in std::mem::take(&mut self.new) {
            frontend::close(b'S', &name, write)?;
            if let Some(list) = self.known.get_mut(&sql) {
                let before = list.len();
                list.retain(|prepared| prepared.name != name);
                self.count -= before - list.len();
            }
        }
        Ok(())
    }

    /// Forgets statements, here and on the server.
    pub(super) fn forget<'s>(
        &mut self,
        texts: impl Iterator<Item = &'s Arc<str>>,
        write: &mut BytesMut,
    ) -> io::Result<()> {
        for sql in texts {
            for prepared in self.known.remove(sql).unwrap_or_default() {
                frontend::close(b'S', &prepared.name, write)?;
                self.count -= 1;
            }
        }
        Ok(())
    }

    /// Drops the least recently used statement if there is no room for another.
    fn make_room(&mut self, write: &mut BytesMut) -> io::Result<()> {
        if self.count < STATEMENTS {
            return Ok(());
        }

        #[expect(clippy::iter_over_hash_type, reason = "the smallest is the same in any order")]
        let oldest = {
            let mut oldest: Option<(u64, Arc<str>)> = None;
            for (sql, list) in &self.known {
                for prepared in list {
                    if oldest.as_ref().is_none_or(|(used, _)| prepared.used < *used) {
                        oldest = Some((prepared.used, Arc::clone(sql)));
                    }
                }
            }
            oldest
        };

        let Some((used, sql)) = oldest else { return Ok(()) };
        if let Some(list) = self.known.get_mut(&sql) {
            for dropped in list.extract_if(.., |prepared| prepared.used == used) {
                frontend::close(b'S', &dropped.name, write)?;
                self.count -= 1;
            }
            if list.is_empty() {
                self.known.remove(&sql);
            }
        }
        Ok(())
    }
}

/// A name that no other statement has, in any program: behind a pooler two programs may share one session.
fn name_of(sql: &str, types: &[ParameterType]) -> String {
    let mut hash = Sha256::new();
    hash.update(sql.as_bytes());
    for &ty in types {
        hash.update((ty as u32).to_be_bytes());
    }

    let mut name = String::from("gql_");
    for byte in &hash.finalize()[..16] {
        let _ = write!(name, "{byte:02x}");
    }
    name
}
