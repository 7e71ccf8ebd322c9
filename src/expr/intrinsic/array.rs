//! Arrays.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::eval::Wrong;
use super::{PARTITION_BYTES_MAX, RANGE_ELEMENTS_MAX};
use crate::value::{ArrayBuilder, Value, View};

pub(super) fn array(values: &[Cow<'_, Value>]) -> Result<Value, Wrong> {
    let array: ArrayBuilder = values.iter().map(|v| v.as_ref().clone()).collect();
    Ok(array.finish()?)
}

pub(super) fn partition(array: &Value, elements: &[Value], size: i64) -> Result<Value, Wrong> {
    if array.json_bytes() > PARTITION_BYTES_MAX {
        return Err(Wrong(format!(
            "The array must not be larger than {PARTITION_BYTES_MAX} bytes"
        )));
    }
    let size = usize::try_from(size).ok().filter(|size| *size > 0);
    let size = size.ok_or("The size of the partitions must be positive")?;
    let mut partitions = ArrayBuilder::with_capacity(elements.len().div_ceil(size));
    for chunk in elements.chunks(size) {
        let chunk: ArrayBuilder = chunk.iter().cloned().collect();
        partitions.push(chunk.finish()?);
    }
    Ok(partitions.finish()?)
}

/// From `first` to `last`, both inclusive.
pub(super) fn range(first: i64, last: i64, step: i64) -> Result<Value, Wrong> {
    if step == 0 {
        return Err("The step must not be 0".into());
    }
    let (first, last, step) = (i128::from(first), i128::from(last), i128::from(step));
    let elements = (last - first) / step + 1;
    if (last - first) * step.signum() < 0 {
        return Ok(Value::empty_array());
    }
    if elements > i128::from(RANGE_ELEMENTS_MAX) {
        return Err(Wrong(format!(
            "The range must not have more than {RANGE_ELEMENTS_MAX} elements"
        )));
    }
    let range: ArrayBuilder = (0..elements)
        .filter_map(|i| i64::try_from(first + i * step).ok())
        .map(Value::from)
        .collect();
    Ok(range.finish()?)
}

pub(super) fn get_item(array: &[Value], index: i64) -> Result<Value, Wrong> {
    let element = usize::try_from(index).ok().and_then(|i| array.get(i));
    element.cloned().ok_or_else(|| {
        let length = array.len();
        Wrong(format!(
            "The index {index} is out of bounds for an array of {length} elements"
        ))
    })
}

pub(super) fn length(array: &[Value]) -> Value {
    i64::try_from(array.len()).unwrap_or(i64::MAX).into()
}

/// The first of equal elements stays where it is.
pub(super) fn unique(array: &[Value]) -> Result<Value, Wrong> {
    let mut seen: BTreeMap<u64, Vec<&Value>> = BTreeMap::new();
    let mut unique = ArrayBuilder::new();
    for element in array {
        let alike = seen.entry(hash(element)).or_default();
        if !alike.contains(&element) {
            alike.push(element);
            unique.push(element.clone());
        }
    }
    Ok(unique.finish()?)
}

/// Equal values have equal hashes: numbers by value, objects regardless of the order of keys.
fn hash(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    match value.view() {
        View::Null => 0_u8.hash(&mut hasher),
        View::Bool(b) => (1_u8, b).hash(&mut hasher),
        // Adding 0.0 makes one zero of two.
        View::Number(n) => (2_u8, (n.as_f64() + 0.0).to_bits()).hash(&mut hasher),
        View::String(s) => (3_u8, s).hash(&mut hasher),
        View::Array(array) => {
            4_u8.hash(&mut hasher);
            array.iter().for_each(|e| hasher.write_u64(hash(e)));
        }
        View::Object(object) => {
            5_u8.hash(&mut hasher);
            let entry = |(key, member)| {
                let mut hasher = DefaultHasher::new();
                (key, hash(member)).hash(&mut hasher);
                hasher.finish()
            };
            hasher.write_u64(object.iter().map(entry).fold(0, u64::wrapping_add));
        }
    }
    hasher.finish()
}
