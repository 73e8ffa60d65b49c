//! The cache as one would write it without a care for speed: a map, a list of loads, a list of mutations.
//!
//! It never evicts. Under `Bounds::Tight` the cache may have lost what the model still has, so the model then says
//! only what the cache must not do.

use endpoint_cache::core::cache::{KeyPattern, ReadOptions};
use endpoint_cache::core::groups::Scope;
use endpoint_cache::core::in_flight::{LoadId, MutationId};
use endpoint_cache::core::stats::Refusal;
use std::collections::BTreeMap;

/// Milliseconds for which a load can be joined, and for which a mutation holds loads back.
pub const MAX_LOAD: f64 = 3_000.0;
pub const MAX_MUTATION: f64 = 2_000.0;

#[derive(Clone, Debug)]
pub struct Entry {
    pub value: u64,
    pub stored_at: f64,
    pub deadline: f64,
    pub window: f64,
    pub tags: Vec<String>,
    pub retry_at: f64,
}

impl Entry {
    pub fn kept_until(&self) -> f64 {
        self.deadline + self.window
    }
}

#[derive(Clone, Debug)]
pub struct Load {
    pub key: String,
    pub tags: Vec<String>,
    pub began: f64,
    /// Why its value will not be stored; `None` while it would be.
    pub detached: Option<Refusal>,
    /// Tags invalidated since it began.
    pub missed: Vec<Scope>,
}

/// What a read is to be answered with; slots are told by their value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    Hit(u64, bool),
    Stale(u64, bool),
    Miss(Option<u64>),
    Join(LoadId, Option<u64>),
    NotJoinable,
}

/// Whether a key is meant.
pub type Question = fn(&str) -> bool;

/// What an invalidation covers, said twice: as the cache takes it and as a plain question.
pub struct Cover {
    pub pattern: KeyPattern,
    pub text: Question,
}

#[derive(Default)]
pub struct Counted {
    pub hits: u64,
    pub stale: u64,
    pub misses: u64,
    pub joined: u64,
    pub bypasses: u64,
    pub sets: u64,
    pub invalidations: u64,
    pub marked_stale: u64,
    pub refused: [u64; Refusal::COUNT],
    pub failed: u64,
    pub timed_out_mutations: u64,
}

#[derive(Default)]
pub struct Naive {
    pub now: f64,
    /// The clock's last finite reading: what it has moved forward since then passes, what it steps back is nothing.
    pub reading: f64,
    pub entries: BTreeMap<String, Entry>,
    pub loads: BTreeMap<LoadId, Load>,
    pub mutations: Vec<(MutationId, Vec<Scope>, f64)>,
    pub counted: Counted,
}

/// The endpoint and the user in a key of the test's making.
pub fn parts(key: &str) -> (&str, Option<&str>) {
    let Some((endpoint, rest)) = key.split_once(':') else {
        return ("", None);
    };
    let user = rest
        .strip_prefix("user:")
        .and_then(|rest| rest.split_once(':'));
    (endpoint, user.map(|(user, _)| user))
}

fn covers(scope: &Scope, key: &str, tags: &[String]) -> bool {
    let (endpoint, user) = parts(key);
    scope
        .endpoint
        .as_ref()
        .is_none_or(|pattern| pattern.covers(endpoint))
        && scope
            .user
            .as_deref()
            .is_none_or(|wanted| user == Some(wanted))
        && scope
            .tag
            .as_ref()
            .is_none_or(|wanted| tags.contains(wanted))
}

impl Naive {
    /// The load that would fill `key`.
    pub fn load_of(&self, key: &str) -> Option<LoadId> {
        let attached = |load: &&Load| load.key == key && load.detached.is_none();
        let found = self.loads.iter().find(|(_, load)| attached(load));
        found.map(|(id, _)| *id)
    }

    fn detach(&mut self, key: &str, why: Refusal) {
        if let Some(load) = self.load_of(key).and_then(|id| self.loads.get_mut(&id)) {
            load.detached = Some(why);
        }
    }

    fn remove(&mut self, key: &str) {
        self.detach(key, Refusal::Invalidated);
        self.entries.remove(key);
    }

    /// Time passes, never backwards and never standing still; mutations whose time is over end with an invalidation.
    pub fn tick(&mut self, ms: f64) {
        if ms.is_finite() {
            self.now += (ms - self.reading).max(0.0);
            self.reading = ms;
        }
        while let Some(at) = self
            .mutations
            .iter()
            .position(|(.., ends)| *ends < self.now)
        {
            let (_, scopes, _) = self.mutations.swap_remove(at);
            self.counted.timed_out_mutations += 1;
            self.retire(&scopes);
        }
    }

    pub fn fresh(&self, key: &str) -> Option<&Entry> {
        self.entries
            .get(key)
            .filter(|entry| self.now <= entry.deadline)
    }

    /// A caller meets what is under `key`: what is of no use any more is removed.
    fn meet(&mut self, key: &str) {
        let useless = self
            .entries
            .get(key)
            .is_some_and(|entry| entry.kept_until() < self.now);
        if useless && self.load_of(key).is_none() {
            self.entries.remove(key);
        }
    }

    pub fn get(&mut self, key: &str) -> Option<u64> {
        let found = self.fresh(key).map(|entry| entry.value);
        match found {
            Some(_) => self.counted.hits += 1,
            None => self.counted.misses += 1,
        }
        if found.is_none() {
            self.meet(key);
        }
        found
    }

    pub fn set(&mut self, key: &str, entry: Entry) {
        self.meet(key);
        self.detach(key, Refusal::Superseded);
        self.entries.insert(key.to_owned(), entry);
        self.counted.sets += 1;
    }

    pub fn delete(&mut self, key: &str) -> bool {
        let there = self.entries.contains_key(key);
        self.remove(key);
        there
    }

    fn forget_tags(&mut self, scope: &Scope) {
        if scope.tag.is_some() {
            self.loads
                .values_mut()
                .for_each(|load| load.missed.push(scope.clone()));
        }
    }

    /// Keys of entries and of loads without one that are covered.
    fn covered(&self, cover: &Cover) -> Vec<String> {
        let scope = &cover.pattern.scope;
        let entries = self.entries.iter().map(|(key, entry)| (key, &entry.tags));
        let bare = |load: &&Load| load.detached.is_none() && !self.entries.contains_key(&load.key);
        let loads = self
            .loads
            .values()
            .filter(bare)
            .map(|load| (&load.key, &load.tags));
        let covered =
            |(key, tags): &(&String, &Vec<String>)| (cover.text)(key) && covers(scope, key, tags);
        entries
            .chain(loads)
            .filter(covered)
            .map(|(key, _)| key.clone())
            .collect()
    }

    pub fn invalidate(&mut self, cover: &Cover) -> usize {
        let held = self.entries.len();
        for key in self.covered(cover) {
            self.remove(&key);
        }
        self.forget_tags(&cover.pattern.scope);
        let count = held - self.entries.len();
        self.counted.invalidations += count as u64;
        count
    }

    fn retire(&mut self, scopes: &[Scope]) -> usize {
        let cover = |scope: &Scope| Cover {
            pattern: KeyPattern::scope(scope.clone()),
            text: |_| true,
        };
        scopes
            .iter()
            .map(|scope| self.invalidate(&cover(scope)))
            .sum()
    }

    pub fn expire(&mut self, cover: &Cover) -> usize {
        let mut count = 0;
        for key in self.covered(cover) {
            self.detach(&key, Refusal::Invalidated);
            let now = self.now;
            if let Some(entry) = self
                .entries
                .get_mut(&key)
                .filter(|entry| now <= entry.deadline)
            {
                entry.deadline = now - 1.0;
                count += 1;
            }
        }
        self.forget_tags(&cover.pattern.scope);
        self.counted.marked_stale += count as u64;
        count
    }

    pub fn clear(&mut self) -> usize {
        let keys: Vec<String> = self.loads.values().map(|load| load.key.clone()).collect();
        keys.iter()
            .for_each(|key| self.detach(key, Refusal::Invalidated));
        let count = self.entries.len();
        self.entries.clear();
        self.counted.invalidations += count as u64;
        count
    }

    pub fn cleanup(&mut self) -> usize {
        let over = |entry: &Entry| entry.kept_until() < self.now;
        let gone: Vec<String> = self
            .entries
            .iter()
            .filter(|(_, e)| over(e))
            .map(|(key, _)| key.clone())
            .collect();
        gone.iter().for_each(|key| self.remove(key));
        gone.len()
    }

    /// True for a load that nobody may join any more.
    pub fn is_unjoinable(&self, id: LoadId) -> Option<Refusal> {
        let load = &self.loads[&id];
        let mut missed = load.missed.iter().cloned();
        if missed.any(|scope| covers(&Scope { tag: None, ..scope }, &load.key, &[])) {
            return Some(Refusal::Invalidated);
        }
        (self.now - load.began > MAX_LOAD).then_some(Refusal::TooLate)
    }

    /// What a reader is told, and whether a load starts with it. What must be detached for that is.
    pub fn begin(&mut self, key: &str, ask: &ReadOptions) -> Answer {
        self.meet(key);
        let entry = self.entries.get(key).cloned();
        let Some(entry) = entry else {
            return self.join_or_miss(key, None, ask);
        };
        let (age, left) = (self.now - entry.stored_at, entry.deadline - self.now);
        let backing_off = self.now < entry.retry_at;
        if left >= 0.0 {
            let (life, share) = (age + left, ask.eager_refresh.unwrap_or(1.0));
            let eager = share < 1.0 && life.is_finite() && age > life * share;
            return Answer::Hit(entry.value, eager && self.refreshes(key, backing_off));
        }
        if -left <= ask.stale_while_revalidate {
            return Answer::Stale(entry.value, self.refreshes(key, backing_off));
        }
        let stand_in = Some(entry.value).filter(|_| -left <= ask.stale_if_error);
        if stand_in.is_some() && backing_off {
            return Answer::Stale(entry.value, false);
        }
        self.join_or_miss(key, stand_in, ask)
    }

    fn refreshes(&mut self, key: &str, backing_off: bool) -> bool {
        if let Some(id) = self.load_of(key) {
            if self.now - self.loads[&id].began <= MAX_LOAD {
                return false;
            }
            self.detach(key, Refusal::TooLate);
        }
        !backing_off
    }

    fn join_or_miss(&mut self, key: &str, stand_in: Option<u64>, ask: &ReadOptions) -> Answer {
        let Some(id) = self.load_of(key) else {
            return Answer::Miss(stand_in);
        };
        match self.is_unjoinable(id) {
            None if ask.alone => Answer::NotJoinable,
            None => Answer::Join(id, stand_in),
            Some(why) => {
                self.detach(key, why);
                Answer::Miss(stand_in)
            }
        }
    }

    pub fn start(&mut self, id: LoadId, key: &str, ask: &ReadOptions) {
        // Only under tight bounds: the entry of the load before was evicted, and that load with it.
        self.detach(key, Refusal::Invalidated);
        let tags = self
            .entries
            .get(key)
            .map_or(&ask.tags, |entry| &entry.tags)
            .clone();
        let (key, began, missed) = (key.to_owned(), self.now, Vec::new());
        self.loads.insert(
            id,
            Load {
                key,
                tags,
                began,
                detached: None,
                missed,
            },
        );
    }

    pub fn fill(&mut self, id: LoadId, entry: Entry) -> Result<(), Refusal> {
        let filled = self.judge(id, &entry);
        let load = self.loads.remove(&id);
        match (&filled, load) {
            (Ok(()), Some(load)) => {
                self.entries.insert(load.key, entry);
                self.counted.sets += 1;
            }
            (Err(refusal), _) => self.counted.refused[*refusal as usize] += 1,
            (Ok(()), None) => {}
        }
        filled
    }

    fn judge(&self, id: LoadId, entry: &Entry) -> Result<(), Refusal> {
        let load = self.loads.get(&id).ok_or(Refusal::Unknown)?;
        load.detached.map_or(Ok(()), Err)?;
        let covered = |scope: &Scope| covers(scope, &load.key, &entry.tags);
        if self
            .mutations
            .iter()
            .any(|(_, scopes, _)| scopes.iter().any(covered))
        {
            return Err(Refusal::MutationActive);
        }
        if load.missed.iter().any(covered) {
            Err(Refusal::Invalidated)
        } else {
            Ok(())
        }
    }

    pub fn abandon(&mut self, id: LoadId, backoff: f64) {
        let Some(load) = self.loads.remove(&id) else {
            return;
        };
        self.counted.failed += 1;
        if load.detached.is_none()
            && backoff > 0.0
            && let Some(entry) = self.entries.get_mut(&load.key)
        {
            entry.retry_at = self.now + backoff;
        }
    }

    pub fn refuse(&mut self, id: LoadId) -> Option<Refusal> {
        let refusal = self
            .loads
            .remove(&id)?
            .detached
            .unwrap_or(Refusal::NotStorable);
        self.counted.refused[refusal as usize] += 1;
        Some(refusal)
    }

    pub fn begin_mutation(&mut self, id: MutationId, scopes: &[Scope]) -> usize {
        let count = self.retire(scopes);
        self.mutations
            .push((id, scopes.to_vec(), self.now + MAX_MUTATION));
        count
    }

    pub fn settle(&mut self, id: MutationId, scopes: &[Scope]) -> usize {
        self.mutations.retain(|(other, ..)| *other != id);
        self.retire(scopes)
    }
}
