//! A cluster with the stand-ins that a laptop lacks.
