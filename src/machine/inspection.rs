//! What a state makes of its data on its way, for who tests a single state.

use std::cell::OnceCell;

use crate::value::Value;

/// The data after each step that a state took; of a step taken twice the first.
#[derive(Debug, Default)]
pub(super) struct Inspection {
    pub(super) input_path: OnceCell<Value>,
    pub(super) result_selector: OnceCell<Value>,
    pub(super) result_path: OnceCell<Value>,
}

impl Inspection {
    pub(super) fn after_input_path(&self, data: &Value) {
        self.input_path.get_or_init(|| data.clone());
    }

    pub(super) fn after_result_selector(&self, data: &Value) {
        self.result_selector.get_or_init(|| data.clone());
    }

    pub(super) fn after_result_path(&self, data: &Value) {
        self.result_path.get_or_init(|| data.clone());
    }
}
