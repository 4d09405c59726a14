//! SMS as its provider speaks it, against the strict fake.

#[cfg(test)]
mod exotel;
