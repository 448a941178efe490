# Reads a run from stdin, and prints each instance with its output and its bytes, in Base64.
require "json"
require "yaml"

text = $stdin.read.force_encoding("UTF-8")
document = { "json" => -> { JSON.parse(text) }, "yaml" => -> { YAML.safe_load(text) } }.fetch(ARGV[0]).call
document["Instances"].each do |row|
  abort "#{row["InstanceId"]}: #{row["Output"].inspect} is not text" unless row["Output"].is_a?(String)
  output = [row["Output"]].pack("m0")
  puts [row["InstanceId"], output.empty? ? "-" : output, row["OutputBase64"] || "-"].join(" ")
end
