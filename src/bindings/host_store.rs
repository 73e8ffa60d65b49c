//! The JavaScript host_store as the façade sees it.

use super::{convert, exchange, string_list};
use crate::core::cache::HostStore;
use crate::core::clock::Clock;
use crate::core::engine::{Freed, Layout};
use crate::core::fmt_lite::piece;
use crate::core::in_flight::LoadId;
use crate::core::pattern::TextPattern;
use crate::core::slots::Slot;
use js_sys::Array;
use std::borrow::Cow;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/bindings/host.js")]
extern "C" {
    /// Keys and values by slot, held by JavaScript.
    #[wasm_bindgen(js_name = HostStore)]
    #[derive(Clone)]
    pub type JsHostStore;

    #[wasm_bindgen(method)]
    fn find(this: &JsHostStore, key: &JsValue) -> i32;
    #[wasm_bindgen(method)]
    fn bind(this: &JsHostStore, slot: u32, key: &JsValue) -> bool;
    #[wasm_bindgen(method)]
    fn put(this: &JsHostStore, slot: u32, key: &JsValue, value: &JsValue) -> bool;
    #[wasm_bindgen(method)]
    fn value(this: &JsHostStore, slot: u32) -> JsValue;
    /// The key in a slot.
    #[wasm_bindgen(method)]
    pub(crate) fn key(this: &JsHostStore, slot: u32) -> JsValue;
    #[wasm_bindgen(method)]
    fn forget(this: &JsHostStore, slot: u32, reason: u8);
    /// Forgets the load of this number.
    #[wasm_bindgen(method, js_name = loadDetached)]
    fn load_detached(this: &JsHostStore, flight: f64);
    #[wasm_bindgen(method, js_name = loadTimedOut)]
    fn load_timed_out(this: &JsHostStore, flight: f64);
    #[wasm_bindgen(method)]
    fn clear(this: &JsHostStore);
    #[wasm_bindgen(method)]
    fn count(this: &JsHostStore) -> u32;
    #[wasm_bindgen(method, js_name = layoutChanged)]
    fn layout_changed(this: &JsHostStore, layout: &[u32]);
    #[wasm_bindgen(method)]
    pub(crate) fn refresh(this: &JsHostStore);
    #[wasm_bindgen(method, js_name = now)]
    fn time(this: &JsHostStore) -> f64;
    #[wasm_bindgen(method, js_name = writeNow)]
    fn time_to_write(this: &JsHostStore) -> f64;
    #[wasm_bindgen(method)]
    fn wall(this: &JsHostStore) -> f64;
    #[wasm_bindgen(method, js_name = clockErrors)]
    pub(crate) fn clock_errors(this: &JsHostStore) -> f64;
    #[wasm_bindgen(method, js_name = bytesOf)]
    pub(crate) fn bytes_of(this: &JsHostStore, key: &JsValue, value: &JsValue) -> f64;
    #[wasm_bindgen(method, js_name = drawSeed)]
    pub(crate) fn draw_seed(this: &JsHostStore) -> f64;
    #[wasm_bindgen(method, js_name = takeCounts)]
    pub(crate) fn take_counts(this: &JsHostStore) -> Vec<f64>;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn disposed(this: &JsHostStore) -> bool;
    #[wasm_bindgen(method, setter)]
    pub(crate) fn set_disposed(this: &JsHostStore, disposed: bool);
    /// Who is told what happened; undefined where nobody is.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn observer(this: &JsHostStore) -> JsValue;
}

#[wasm_bindgen(module = "/src/bindings/host.js")]
extern "C" {
    type Scan;

    #[wasm_bindgen(constructor)]
    fn new(
        host_store: &JsHostStore,
        slots: Option<&[u32]>,
        pieces: &Array,
        anchors: u8,
        exact: bool,
    ) -> Scan;
    #[wasm_bindgen(method)]
    fn next(this: &Scan) -> Option<String>;
    #[wasm_bindgen(method)]
    fn count(this: &Scan) -> u32;
    #[wasm_bindgen(method)]
    fn keep(this: &Scan, answers: &[u8]);
    #[wasm_bindgen(method)]
    fn slots(this: &Scan) -> Vec<u32>;
}

impl Clock for JsHostStore {
    // The offset is JavaScript's: its fast path compares with deadlines by itself.
    const READS_ENGINE_TIME: bool = true;

    fn now(&self) -> f64 {
        self.time()
    }

    fn now_to_write(&self) -> f64 {
        self.time_to_write()
    }

    fn reading(&self) -> Option<f64> {
        Some(self.wall())
    }
}

/// An address as JavaScript has it: memory here is 32 bits wide.
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl HostStore for JsHostStore {
    type Key = JsValue;
    type Value = JsValue;

    fn find(&self, key: &JsValue) -> Option<Slot> {
        u32::try_from(JsHostStore::find(self, key)).ok().map(Slot)
    }

    fn text<'k>(&self, key: &'k JsValue) -> Cow<'k, str> {
        Cow::Owned(key.as_string().unwrap_or_default())
    }

    fn seed(&self) -> u64 {
        self.draw_seed() as u64
    }

    fn bind(&self, slot: Slot, key: &JsValue) -> bool {
        JsHostStore::bind(self, slot.0, key)
    }

    fn put(&self, slot: Slot, key: &JsValue, value: JsValue) -> bool {
        JsHostStore::put(self, slot.0, key, &value)
    }

    fn value(&self, slot: Slot) -> Option<JsValue> {
        Some(JsHostStore::value(self, slot.0))
    }

    fn forget(&self, Freed { slot, reason }: Freed) {
        JsHostStore::forget(self, slot.0, reason as u8);
    }

    fn load_detached(&self, LoadId(number): LoadId) {
        JsHostStore::load_detached(self, number as f64);
    }

    fn load_timed_out(&self, LoadId(number): LoadId) {
        JsHostStore::load_timed_out(self, number as f64);
    }

    fn clear(&self) {
        JsHostStore::clear(self);
    }

    fn len(&self) -> usize {
        self.count() as usize
    }

    fn layout_changed(&self, layout: &Layout) {
        let Layout {
            deadline,
            hits,
            rows,
            alive,
            waiting,
            slots,
            groups,
        } = *layout;
        let columns = [
            deadline,
            hits,
            rows,
            alive,
            waiting,
            slots,
            groups,
            exchange::text_address(),
            exchange::TEXT,
            exchange::answer_address(),
        ];
        JsHostStore::layout_changed(self, &columns.map(narrow));
    }

    fn matching(&self, pattern: &TextPattern, slots: Option<&[Slot]>) -> Vec<Slot> {
        let literals = pattern.literals();
        let numbers = slots.map(convert::numbers_of);
        let anchors = u8::from(literals.anchored_start) | (u8::from(literals.anchored_end) << 1);
        let scan = Scan::new(
            self,
            numbers.as_deref(),
            &string_list::list(&literals.pieces),
            anchors,
            literals.exact,
        );
        while let Some(keys) = scan.next() {
            let mut answers = Vec::new();
            let mut start = 0_usize;
            if scan.count() > 1 {
                for (at, byte) in keys.bytes().enumerate() {
                    if byte == b'\n' {
                        answers.push(u8::from(pattern.matches(piece(&keys, start, at))));
                        start = at.saturating_add(1);
                    }
                }
            }
            // The last of them has no line break behind it; one that comes alone may hold any.
            answers.push(u8::from(pattern.matches(piece(&keys, start, keys.len()))));
            scan.keep(&answers);
        }
        let mut found = Vec::new();
        for number in scan.slots() {
            found.push(Slot(number));
        }
        found
    }
}
