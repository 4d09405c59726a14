//! The fakes themselves: they refuse what is wrong, take what is right once, and call back as the real ones do.

#[cfg(test)]
mod exotel;
#[cfg(test)]
mod graph;
#[cfg(test)]
mod receiver;
