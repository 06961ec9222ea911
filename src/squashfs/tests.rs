//! Rules that need a whole image.
