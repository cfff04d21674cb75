// The data of package conformance is a module of its own, so that it does not travel into
// the modules that import cradio.
module cradio/conformance/text

go 1.26.0
