//! Email: reading a mailbox, understanding what is in it, writing and sending what goes out.
