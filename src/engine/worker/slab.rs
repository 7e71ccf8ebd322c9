//! Parked executions, addressed by keys that are never used twice.

/// The address of a parked execution on its worker. After its end the key finds nothing, even when the place is taken again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExecutionKey {
    index: u32,
    generation: u32,
}

#[cfg(all(test, feature = "shuttle"))]
impl ExecutionKey {
    /// The key of nothing.
    pub(in crate::engine) const fn numbered(index: u32) -> Self {
        let generation = 0;
        Self { index, generation }
    }
}

/// Places of which each is free, reserved (its execution is at work), or holds an execution.
#[derive(Debug)]
pub(super) struct Slab<T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
}

#[derive(Debug)]
struct Slot<T> {
    generation: u32,
    value: Option<T>,
}

impl<T> Slab<T> {
    pub(super) const fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
        }
    }

    /// Takes a place, to be filled by [`Slab::put`].
    pub(super) fn reserve(&mut self) -> ExecutionKey {
        if let Some(index) = self.free.pop() {
            let generation = self.slots.get(index as usize).map_or(0, |s| s.generation);
            return ExecutionKey { index, generation };
        }
        let index =
            u32::try_from(self.slots.len()).expect("bounds keep parked executions below 2^32");
        self.slots.push(Slot {
            generation: 0,
            value: None,
        });
        ExecutionKey {
            index,
            generation: 0,
        }
    }

    /// Fills a reserved place.
    pub(super) fn put(&mut self, key: ExecutionKey, value: T) {
        let slot = self
            .slot(key)
            .expect("the place is reserved until it is freed");
        debug_assert!(slot.value.is_none(), "an execution is in one place");
        slot.value = Some(value);
    }

    /// What is there, to look at.
    pub(super) fn get(&self, key: ExecutionKey) -> Option<&T> {
        let slot = self.slots.get(key.index as usize)?;
        slot.value
            .as_ref()
            .filter(|_| slot.generation == key.generation)
    }

    /// Takes what is there out; the place stays reserved.
    pub(super) fn take(&mut self, key: ExecutionKey) -> Option<T> {
        self.slot(key)?.value.take()
    }

    /// Gives a reserved place up; its key finds nothing from now on.
    pub(super) fn free(&mut self, key: ExecutionKey) {
        if let Some(slot) = self.slot(key) {
            debug_assert!(slot.value.is_none(), "what is there is taken out first");
            slot.generation = slot.generation.wrapping_add(1);
            self.free.push(key.index);
        }
    }

    /// Takes everything out and frees all places.
    pub(super) fn drain(&mut self) -> Vec<T> {
        let mut all = Vec::with_capacity(self.len());
        for (index, slot) in (0..).zip(&mut self.slots) {
            if let Some(value) = slot.value.take() {
                slot.generation = slot.generation.wrapping_add(1);
                self.free.push(index);
                all.push(value);
            }
        }
        all
    }

    /// How many places are not free.
    pub(super) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    fn slot(&mut self, key: ExecutionKey) -> Option<&mut Slot<T>> {
        let slot = self.slots.get_mut(key.index as usize)?;
        (slot.generation == key.generation).then_some(slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_key_finds_nothing_when_its_place_is_taken_again() {
        let mut slab = Slab::new();
        let old = slab.reserve();
        slab.put(old, 'a');
        assert_eq!(slab.take(old), Some('a'));
        slab.free(old);
        let new = slab.reserve();
        slab.put(new, 'b');
        assert_eq!(new.index, old.index);
        assert_eq!(slab.get(old), None);
        assert_eq!(slab.take(old), None);
        assert_eq!((slab.get(new), slab.len()), (Some(&'b'), 1));
    }
}
