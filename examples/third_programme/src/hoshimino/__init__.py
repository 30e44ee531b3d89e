"""星見野町若者しごと伴走事業実施要綱, an invented text, as a programme of shuroflow."""
