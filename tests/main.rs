//! Every integration test, in one binary: the modules mirror what they test.

#[cfg(test)]
mod architecture;
