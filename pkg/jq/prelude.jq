# Functions that are different in gojq and jq, or missing in gojq.

def _tonumber: tonumber;
def tonumber: if type == "string" then trim | _literal // _tonumber else _tonumber end;

# As in gojq, with _matches instead of _match.
def match($re; $flags): _matches($re; $flags; false)[];
def match($re): if $re | type == "array" then match($re[0]; $re[1]) else match($re; null) end;
def test($re; $flags): _matches($re; $flags; true);
def test($re): if $re | type == "array" then test($re[0]; $re[1]) else test($re; null) end;
def _named: [.captures[] | select(.name) | {key: .name, value: .string}] | from_entries;
def capture($re; $flags): match($re; $flags) | _named;
def capture($re): if $re | type == "array" then capture($re[0]; $re[1]) else capture($re; null) end;
def scan($re; $flags):
  match($re; $flags + "g") | if .captures == [] then .string else [.captures[].string] end;
def scan($re): if $re | type == "array" then scan($re[0]; $re[1]) else scan($re; null) end;
def splits($re; $flags):
  .[foreach (match($re; $flags + "g"), null) as {$offset, $length}
      (null; {start: .next, end: $offset, next: $offset + $length})];
def splits($re): splits($re; null);
def split($re; $flags): [splits($re; $flags)];
def sub($re; str; $flags):
  reduce match($re; $flags) as $match ({s: ., r: []};
    reduce ($match | _named | str) as $s
      (.i = 0; .r[.i] += .s[.next:$match.offset] + $s | .i += 1) |
    .next = $match.offset + $match.length) | .r[] + .s[.next:] // .s;
def sub($re; str): sub($re; str; null);
def gsub($re; str; $flags): sub($re; str; $flags + "g");
def gsub($re; str): gsub($re; str; null);

def input: error("break");
def inputs: empty;
def input_filename: null;
def input_line_number: 0;
def keys_unsorted: keys;
def leaf_paths: paths(scalars);
def recurse_down: recurse;
def pow10: exp10;
def have_literal_numbers: true;
def have_decnum: false;
