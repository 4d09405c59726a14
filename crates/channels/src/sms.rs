//! SMS through Exotel's API, and what another provider would have to bring.
