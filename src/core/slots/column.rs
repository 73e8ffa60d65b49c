//! Growable arrays by number: what a slot, a group or a list knows of one thing.

/// A growable array by slot or group number, read as the default where it was never written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Column<T>(Vec<T>);

impl<T: Copy + Default> Column<T> {
    #[inline(always)]
    pub(crate) fn at(&self, index: u32) -> T {
        self.0.get(index as usize).copied().unwrap_or_default()
    }

    #[inline(always)]
    pub(crate) fn get_mut(&mut self, index: u32) -> Option<&mut T> {
        self.0.get_mut(index as usize)
    }

    #[inline(always)]
    pub(crate) fn put(&mut self, index: u32, value: T) {
        if let Some(place) = self.get_mut(index) {
            *place = value;
        }
    }

    /// Writes `value`, growing the column first by a quarter and at least 64.
    pub(crate) fn put_growing(&mut self, index: u32, value: T) {
        let wanted = (index as usize).saturating_add(1);
        if wanted > self.0.len() {
            self.grow(wanted.saturating_add((wanted / 4).max(63)), 0);
        }
        self.put(index, value);
    }

    /// Makes it `len` items long; where it has to be reallocated, for `capacity` of them.
    pub(crate) fn grow(&mut self, len: usize, capacity: usize) {
        let held = self.0.len();
        if len <= held {
            return;
        }
        if len > self.0.capacity() {
            self.0.reserve_exact(len.max(capacity).saturating_sub(held));
        }
        self.0.resize(len, T::default());
    }

    /// Where the column starts in memory, for a host that shares it.
    pub(crate) fn address(&self) -> *const T {
        self.0.as_ptr()
    }

    /// How many items it holds.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// True while nothing was ever stored.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.0.capacity().saturating_mul(size_of::<T>())
    }
}
