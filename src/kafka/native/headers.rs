//! A list of headers in librdkafka's own form: copied from record to record byte for byte, names included.

use std::ffi::{CStr, CString, c_char, c_void};
use std::marker::PhantomData;
use std::ptr::{self, NonNull};

use rdkafka::bindings as sys;

/// An owned list of headers.
pub(in crate::kafka) struct Headers(NonNull<sys::rd_kafka_headers_t>);

// SAFETY: the list is memory without ties to a thread or client, and it is owned.
unsafe impl Send for Headers {}

/// One header: its name up to a NUL byte, and its value if it has one.
pub(in crate::kafka) type Header<'a> = (&'a [u8], Option<&'a [u8]>);

/// Iterates over headers in their order.
pub(in crate::kafka) struct HeaderIter<'a> {
    list: *const sys::rd_kafka_headers_t,
    next: usize,
    owner: PhantomData<&'a Headers>,
}

impl Headers {
    pub(in crate::kafka) fn with_capacity(capacity: usize) -> Self {
        // SAFETY: takes any number.
        let list = unsafe { sys::rd_kafka_headers_new(capacity) };
        Self(NonNull::new(list).expect("librdkafka aborts when memory is exhausted"))
    }

    /// # Safety
    /// `list` must be a live list of headers.
    pub(super) unsafe fn copy(list: *const sys::rd_kafka_headers_t) -> Self {
        // SAFETY: by this function's contract.
        let list = unsafe { sys::rd_kafka_headers_copy(list) };
        Self(NonNull::new(list).expect("librdkafka aborts when memory is exhausted"))
    }

    /// Appends a header; equal names are allowed.
    pub(in crate::kafka) fn add(&mut self, name: &str, value: &[u8]) {
        let (name, name_bytes) = (name.as_ptr().cast::<c_char>(), name.len().cast_signed());
        let (value, bytes) = (value.as_ptr().cast::<c_void>(), value.len().cast_signed());
        // SAFETY: the list is owned, and name and value are copied within the lengths given.
        let error =
            unsafe { sys::rd_kafka_header_add(self.0.as_ptr(), name, name_bytes, value, bytes) };
        debug_assert!(
            error == sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR,
            "a list that no message owns can be changed"
        );
    }

    /// Takes out all headers of this name.
    pub(in crate::kafka) fn remove(&mut self, name: &str) {
        // A name with a NUL byte can be none of these, as theirs end at one.
        let Ok(name) = CString::new(name) else {
            return;
        };
        // SAFETY: the list is owned, and the name ends with NUL. That there is none of this name is no error to us.
        unsafe { sys::rd_kafka_header_remove(self.0.as_ptr(), name.as_ptr()) };
    }

    pub(in crate::kafka) fn iter(&self) -> HeaderIter<'_> {
        // SAFETY: the list lives as long as the borrow.
        unsafe { HeaderIter::new(self.0.as_ptr()) }
    }

    pub(super) const fn as_ptr(&self) -> *mut sys::rd_kafka_headers_t {
        self.0.as_ptr()
    }
}

impl Clone for Headers {
    fn clone(&self) -> Self {
        // SAFETY: the list is owned.
        unsafe { Self::copy(self.0.as_ptr()) }
    }
}

impl Drop for Headers {
    fn drop(&mut self) {
        // SAFETY: the list is owned, and nobody uses it any more.
        unsafe { sys::rd_kafka_headers_destroy(self.0.as_ptr()) }
    }
}

impl std::fmt::Debug for Headers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        f.debug_map()
            .entries(self.iter().map(|(k, v)| (text(k), v.map(text))))
            .finish()
    }
}

impl HeaderIter<'_> {
    /// # Safety
    /// `list` must be null (no headers) or live and unchanged as long as the iterator.
    pub(super) const unsafe fn new(list: *const sys::rd_kafka_headers_t) -> Self {
        Self {
            list,
            next: 0,
            owner: PhantomData,
        }
    }
}

impl<'a> Iterator for HeaderIter<'a> {
    type Item = Header<'a>;

    fn next(&mut self) -> Option<Header<'a>> {
        if self.list.is_null() {
            return None;
        }
        let (mut name, mut value, mut bytes) = (ptr::null(), ptr::null(), 0);
        // SAFETY: the list is live by the iterator's contract, and the other pointers are to this frame.
        let error = unsafe {
            sys::rd_kafka_header_get_all(self.list, self.next, &mut name, &mut value, &mut bytes)
        };
        if error != sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
            return None;
        }
        self.next += 1;
        // SAFETY: names end with NUL; a value that is not null has the given length; both live as long as the list.
        unsafe {
            let value =
                (!value.is_null()).then(|| std::slice::from_raw_parts(value.cast::<u8>(), bytes));
            Some((CStr::from_ptr(name).to_bytes(), value))
        }
    }
}
