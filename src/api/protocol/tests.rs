//! Tables of bodies and what is read from them.
