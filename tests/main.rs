//! Every integration test, in one binary: the modules mirror what they test.

#[cfg(test)]
mod api;
#[cfg(test)]
mod architecture;
#[cfg(test)]
mod assistant;
#[cfg(test)]
mod support;
