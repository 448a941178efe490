#!/usr/bin/env bash
# node_exporter drops the metrics of a text file whose HELP differs from another file's, and reports no error in its metrics.
#
# Expected: two files may have series of the same metric, as each is valid for `promtool check metrics`. If they did not fit together,
# node_textfile_scrape_error would be 1, as it is for a file with a mistake.
# What happens: only the series of one file are exported, with status 200. node_textfile_scrape_error is 0, and the collector's success
# is 1. The same happens to series that are in two files. The reason is only in the log, and from the next scrape on
# in a counter of promhttp.
# Why it matters: jobs that write a file each, from different versions of a script, lose metrics when the words of HELP change. Alert
# on promhttp_metric_handler_errors_total too, or write all series of a metric to one file.
. "$(dirname "$0")/prelude"

need curl
debian prometheus 2.42.0+ds-5+deb12u1
debian prometheus-node-exporter 1.5.0-1+b6
version 'node_exporter 1.5.0, promtool 2.42.0 (Debian)'

mkdir "$work/files"
"$work/root/usr/bin/prometheus-node-exporter" --web.listen-address=127.0.0.1:0 --collector.disable-defaults --collector.textfile \
  --collector.textfile.directory="$work/files" >"$work/log" 2>&1 &
exporter=$!
trap 'kill "$exporter"; wait "$exporter" || true; rm -rf "$work"' EXIT
address=
for _ in {1..100}; do
  address=$(sed -nE 's,.*Listening on" address=,,p' "$work/log")
  [ -z "$address" ] || break
  sleep 0.1
done
[ -n "$address" ] || skip 'node_exporter does not start'

file() { printf '# HELP job_success %s\n# TYPE job_success gauge\njob_success{job="%s"} 1\n' "$2" "$3" >"$work/files/$1.prom"; }
metrics() {
  for name in "$work/files"/*.prom; do
    "$work/root/usr/bin/promtool" check metrics <"$name" >"$work/lint" 2>&1 && saw "  promtool accepts $(basename "$name")"
  done
  curl --silent --noproxy '*' --write-out 'status %{http_code}\n' "http://$address/metrics" |
    grep -E '^(job_success|node_textfile_scrape_error|node_scrape_collector_success|promhttp.*gathering|status)' | sed 's,^,  ,' | saw
}

file a 'Whether the job succeeded.' backup
file b 'Whether the job succeeded.' report
saw 'the same HELP' && metrics
file b 'Whether the last run of the job succeeded.' report
saw 'another HELP' && metrics
file b 'Whether the job succeeded.' backup
saw 'the same series' && metrics

same <<'END'
the same HELP
  promtool accepts a.prom
  promtool accepts b.prom
  job_success{job="backup"} 1
  job_success{job="report"} 1
  node_scrape_collector_success{collector="textfile"} 1
  node_textfile_scrape_error 0
  promhttp_metric_handler_errors_total{cause="gathering"} 0
  status 200
another HELP
  promtool accepts a.prom
  promtool accepts b.prom
  job_success{job="backup"} 1
  node_scrape_collector_success{collector="textfile"} 1
  node_textfile_scrape_error 0
  promhttp_metric_handler_errors_total{cause="gathering"} 0
  status 200
the same series
  promtool accepts a.prom
  promtool accepts b.prom
  job_success{job="backup"} 1
  node_scrape_collector_success{collector="textfile"} 1
  node_textfile_scrape_error 0
  promhttp_metric_handler_errors_total{cause="gathering"} 1
  status 200
END
