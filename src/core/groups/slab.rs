//! Things by number. A number that was given back is given out again.

/// Things by number.
#[derive(Debug)]
pub(crate) struct Slab<T> {
    things: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Slab {
            things: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl<T> Slab<T> {
    #[inline(always)]
    pub(crate) fn get(&self, id: u32) -> Option<&T> {
        self.things.get(id as usize)?.as_ref()
    }

    #[inline(always)]
    pub(crate) fn get_mut(&mut self, id: u32) -> Option<&mut T> {
        self.things.get_mut(id as usize)?.as_mut()
    }

    /// Keeps a thing and returns its number.
    pub(crate) fn insert(&mut self, thing: T) -> u32 {
        if let Some(id) = self.free.pop()
            && let Some(place) = self.things.get_mut(id as usize)
        {
            *place = Some(thing);
            return id;
        }
        let id = self.numbers();
        self.things.push(Some(thing));
        id
    }

    /// Lets a thing go; its number may be given to another.
    pub(crate) fn take(&mut self, id: u32) -> Option<T> {
        let thing = self.things.get_mut(id as usize)?.take()?;
        self.free.push(id);
        Some(thing)
    }

    /// Things there are.
    pub(crate) fn len(&self) -> usize {
        self.things.len().saturating_sub(self.free.len())
    }

    /// One more than the highest number there was.
    pub(crate) fn numbers(&self) -> u32 {
        u32::try_from(self.things.len()).unwrap_or(u32::MAX)
    }

    /// Bytes it takes.
    pub(crate) fn memory(&self) -> usize {
        let things = self
            .things
            .capacity()
            .saturating_mul(size_of::<Option<T>>());
        things.saturating_add(self.free.capacity().saturating_mul(size_of::<u32>()))
    }
}
