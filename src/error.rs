//! Problems in words: what to do next, what happened, whether money moved.
