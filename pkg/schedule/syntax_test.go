package schedule

import (
	"errors"
	"strings"
	"testing"
)

func TestRefused(t *testing.T) {
	const (
		count = ": second minute hour day-of-month month day-of-week [year] [time zone]"
		form  = "it is not rate(...), at(...) or the 6 to 8 fields of a cron expression" + count
		write = "; write a full name such as Asia/Shanghai, an offset such as GMT+8:00, or UTC"
		dates = "a date, a time and at most a time zone are needed, one space apart, as in at(2027-01-31 08:00:00 Asia/Shanghai)"
	)
	tests := []struct {
		text, carets  string // carets mark the wrong part
		field, reason string
	}{
		{"", "^", "", "it is empty; write rate(5m), at(2027-01-31 08:00:00) or a cron expression"},
		{"  ", "^^", "", "it is empty; write rate(5m), at(2027-01-31 08:00:00) or a cron expression"},
		{"daily", "^^^^^", "", form},
		{"*/5 * * * *", "^^^^^^^^^^^", "", "it has no field for the second" + count + "; put 0 before the five fields"},
		{"0 0 8 *", "^^^^^^^", "", form},
		{"0 0 8 * * ? 2027 UTC x y", "                     ^^^", "", "it has 10 fields, and 6 to 8 are needed" + count},
		{"@daily", "^^^^^^", "", "@daily is not known here; write 0 0 0 * * ?"},
		{"@Hourly", "^^^^^^^", "", "@Hourly is not known here; write 0 0 * * * ?"},
		{"@weekly", "^^^^^^^", "", "@weekly is not known here; write 0 0 0 ? * SUN"},
		{"@monthly", "^^^^^^^^", "", "@monthly is not known here; write 0 0 0 1 * ?"},
		{"@yearly", "^^^^^^^", "", "@yearly is not known here; write 0 0 0 1 1 ?"},
		{"@every 5m", "^^^^^^", "", `"@every" is not known here; write second minute hour day-of-month month day-of-week [year] [time zone]`},

		{"60 0 8 * * ?", "^^", "second", "second 60 is not in 0-59"},
		{"0 60 8 * * ?", "  ^^", "minute", "minute 60 is not in 0-59"},
		{"0 0 24 * * ?", "    ^^", "hour", "hour 24 is not in 0-23"},
		{"0 0 8,9-25 * * ?", "        ^^", "hour", "hour 25 is not in 0-23"},
		{"0 0 8 0 * ?", "      ^", "day of month", "day of month 0 is not in 1-31"},
		{"0 0 8 32 * ?", "      ^^", "day of month", "day of month 32 is not in 1-31"},
		{"0 0 8 1 13 ?", "        ^^", "month", "month 13 is not in 1-12"},
		{"0 0 8 ? * 8", "          ^", "day of week", "day of week 8 is not in 0-7"},
		{"0 0 8 * * ? 1969", "            ^^^^", "year", "year 1969 is not in 1970-2099"},
		{"0 0 8 * * ? 2100", "            ^^^^", "year", "year 2100 is not in 1970-2099"},
		{"0 0 8 * * ? 02027", "            ^^^^^", "year", "year 02027 has leading zeros that instances do not read; write 2027"},
		{"0 0 8 * * ? 99999999999999999999", "            ^^^^^^^^^^^^^^^^^^^^", "year", "year 99999999999999999999 is not in 1970-2099"},
		{"0 0 008 * * ?", "    ^^^", "hour", "hour 008 has leading zeros that instances do not read; write 8"},
		{"0 0 8 ? * 05", "          ^^", "day of week", "day of week 05 has leading zeros that instances do not read; write 5"},

		{"0 0 -1 * * ?", "    ^", "hour", "an hour needs a number here"},
		{"0 0 8- * * ?", "      ^", "hour", "an hour needs a number here"},
		{"0 0 8-9-10 * * ?", "      ^^^^", "hour", `hour "9-10" is not a number`},
		{"0 0 +8 * * ?", "    ^^", "hour", `hour "+8" is not a number`},
		{"0 0 L * * ?", "    ^", "hour", `hour "L" is not a number`},
		{"0 0 8 中 * ?", "      ^^^^^^", "day of month", `day of month "中" is not a number`},
		{"0 0 8 1 FOO ?", "        ^^^", "month", `month "FOO" is neither a number nor a name such as JAN`},
		{"0 0 8 1 janu ?", "        ^^^^", "month", `month "janu" is neither a number nor a name such as JAN`},
		{"0 0 8 ? * MOND", "          ^^^^", "day of week", `day of week "MOND" is neither a number nor a name such as MON`},
		{"0 0 8 ? * ſUN", "          ^^^^^^^^", "day of week", `day of week "ſUN" is neither a number nor a name such as MON`},
		{"0 0 8 ? * Asia/Atlantis", "          ^^^^", "day of week", `day of week "Asia" is neither a number nor a name such as MON`},
		{"*/5 * * * * Asia/Shanghai", "^^^^^^^^^^^^^^^^^^^^^^^^^", "", "it has no field for the second" + count + "; put 0 before the five fields"},

		{"0 0 8,,9 * * ?", "      ^", "hour", `hour "8,,9" has a comma with nothing on one side`},
		{"0 0 ,8 * * ?", "    ^", "hour", `hour ",8" has a comma with nothing on one side`},
		{"0 0 8, * * ?", "      ^", "hour", `hour "8," has a comma with nothing on one side`},

		{"0 0 22-2 * * ?", "    ^^^^", "hour", "hour 22-2 runs backwards; write 22-23,0-2"},
		{"50-10 0 8 * * ?", "^^^^^", "second", "second 50-10 runs backwards; write 50-59,0-10"},
		{"0 0 23-0 * * ?", "    ^^^^", "hour", "hour 23-0 runs backwards; write 23,0"},
		{"0 0 8 ? NOV-FEB ?", "        ^^^^^^^", "month", "month NOV-FEB runs backwards; write 11-12,1-2"},
		{"0 0 8 ? * FRI-MON", "          ^^^^^^^", "day of week", "day of week FRI-MON runs backwards; write 5-6,0-1"},
		{"0 0 8 ? * MON-SUN", "          ^^^^^^^", "day of week", "day of week MON-SUN ends on Sunday, the first day of the week, and matches no day; write 0,1-6"},
		{"0 0 8 ? * 6-7", "          ^^^", "day of week", "day of week 6-7 ends on Sunday, the first day of the week, and matches no day; write 0,6"},
		{"0 0 8 ? * 0-7", "          ^^^", "day of week", "day of week 0-7 ends on Sunday, the first day of the week, and matches no day; write 0-6"},

		{"*/0 * * * * ?", "  ^", "second", "the step 0 of a second is not in 1-59"},
		{"*/60 * * * * ?", "  ^^", "second", "the step 60 of a second is not in 1-59"},
		{"*/99999999999999999999 * * * * ?", "  ^^^^^^^^^^^^^^^^^^^^", "second", "the step 99999999999999999999 of a second is not in 1-59"},
		{"0 0 0/24 * * ?", "      ^^", "hour", "the step 24 of an hour is not in 1-23"},
		{"0 0 0/-2 * * ?", "      ^^", "hour", `the step "-2" of an hour is not a number`},
		{"0 0 0/2/3 * * ?", "      ^^^", "hour", `the step "2/3" of an hour is not a number`},
		{"0 0 0/ * * ?", "      ^", "hour", `the step "" of an hour is not a number`},
		{"0 0 /2 * * ?", "    ^", "hour", "an hour needs a number here"},
		{"0 ?/5 * * * ?", "  ^", "minute", "? takes no step; write * before it"},
		{"0 0 8 ? * MON/7", "              ^", "day of week", "the step 7 of a day of week is not in 1-6"},
		{"0 0 8 * * ? */60", "              ^^", "year", "the step 60 of a year is not in 1-59"},

		{"0 0 8 L-3 * ?", "      ^^^", "day of month", `day of month "L-3" is not known; write L, LW or a number and W, as in 15W`},
		{"0 0 8 1,WL * ?", "        ^^", "day of month", `day of month "WL" is not known; write L, LW or a number and W, as in 15W`},
		{"0 0 8 W * ?", "      ^", "day of month", `day of month "W" is not known; write L, LW or a number and W, as in 15W`},
		{"0 0 8 1-5W * ?", "      ^^^^", "day of month", `day of month "1-5W" is not known; write L, LW or a number and W, as in 15W`},
		{"0 0 8 LW/2 * ?", "      ^^^^", "day of month", `day of month "LW/2" is not known; write L, LW or a number and W, as in 15W`},
		{"0 0 8 32W * ?", "      ^^", "day of month", "day of month 32 is not in 1-31"},
		{"0 0 8 ? * L", "          ^", "day of week", "day of week L needs a day before it, as in 5L for the last Friday of the month"},
		{"0 0 8 ? * 8L", "          ^", "day of week", "day of week 8 is not in 0-7"},
		{"0 0 8 ? * 5#6", "            ^", "day of week", `a month has no weekday number "6"; write 1-5 after #`},
		{"0 0 8 ? * 5#", "            ^", "day of week", `a month has no weekday number ""; write 1-5 after #`},
		{"0 0 8 ? * #2", "          ^", "day of week", "a day of week needs a number here"},
		{"0 0 8 ? * 9#2", "          ^", "day of week", "day of week 9 is not in 0-7"},

		{"0 0 8 * * ? EST", "            ^^^", "time zone", `time zone "EST" is not known` + write},
		{"0 0 8 * * ? CST", "            ^^^", "time zone", `time zone "CST" is not known` + write},
		{"0 0 8 * * ? 2027 Local", "                 ^^^^^", "time zone", `time zone "Local" is not known` + write},
		{"0 0 8 * * ? utc", "            ^^^", "time zone", `time zone "utc" is not known` + write},
		{"0 0 8 * * ? Asia", "            ^^^^", "time zone", `time zone "Asia" is not known` + write},
		{"0 0 8 * * ? Asia/", "            ^^^^^", "time zone", `time zone "Asia/" is not known` + write},
		{"0 0 8 * * ? Asia/Atlantis", "            ^^^^^^^^^^^^^", "time zone", `time zone "Asia/Atlantis" is not known` + write},
		{"0 0 8 * * ? asia/shanghai", "            ^^^^^^^^^^^^^", "time zone", `time zone "asia/shanghai" is not known` + write},
		{"0 0 8 * * ? right/Asia/Shanghai", "            ^^^^^^^^^^^^^^^^^^^", "time zone", `time zone "right/Asia/Shanghai" is not known` + write},
		{"0 0 8 * * ? America/../Asia/Tokyo", "            ^^^^^^^^^^^^^^^^^^^^^", "time zone", `time zone "America/../Asia/Tokyo" is not known` + write},
		{"0 0 8 * * ? UTC+8", "            ^^^^^", "time zone", `time zone "UTC+8" is not known` + write},
		{"0 0 8 * * ? GMT+08:00", "                ^^", "time zone", `the hour in "GMT+08:00" takes no leading zero; write GMT+8:00`},
		{"0 0 8 * * ? GMT+15:00", "                ^^", "hour", "hour 15 is not in 0-14"},
		{"0 0 8 * * ? GMT+8:60", "                  ^^", "minute", "minute 60 is not in 0-59"},
		{"0 0 8 * * ? GMT+8", "            ^^^^^", "time zone", `time zone "GMT+8" is not of the form GMT+8:00`},
		{"0 0 8 * * ? GMT8:00", "            ^^^^^^^", "time zone", `time zone "GMT8:00" is not of the form GMT+8:00`},
		{"0 0 8 * * ? GMT+8:0", "            ^^^^^^^", "time zone", `time zone "GMT+8:0" is not of the form GMT+8:00`},
		{"0 0 8 * * ? GMT+:00", "            ^^^^^^^", "time zone", `time zone "GMT+:00" is not of the form GMT+8:00`},
		{"0 0 8 * * ? UTC 2027", "            ^^^", "year", `year "UTC" is not a number`},
		{"0 0 8 * * ? +8:00", "            ^^^^^", "year", `year "+8:00" is not a number`},

		{"rate(1w)", "      ^", "unit", `unit "w" is not s, m, h or d`},
		{"rate(5M)", "      ^", "unit", `unit "M" is not s, m, h or d`},
		{"rate(5m )", "      ^^", "unit", `unit "m " is not s, m, h or d`},
		{"rate(5)", "      ^", "unit", "the unit is missing: s, m, h or d, as in rate(5m)"},
		{"rate( 5m )", "     ^^^^", "rate", "an interval is a whole number and s, m, h or d, as in rate(5m)"},
		{"rate(-5m)", "     ^^^", "rate", "an interval is a whole number and s, m, h or d, as in rate(5m)"},
		{"rate()", "     ^", "rate", "an interval is a whole number and s, m, h or d, as in rate(5m)"},
		{"rate(1.5h)", "      ^^^", "unit", `unit ".5h" is not s, m, h or d`},
		{"rate(0s)", "     ^", "rate", "an interval must not be 0"},
		{"rate(106752d)", "     ^^^^^^", "rate", "an interval of 106752 days is too long to count"},
		{"rate(99999999999999999999s)", "     ^^^^^^^^^^^^^^^^^^^^", "rate", "an interval of 99999999999999999999 seconds is too long to count"},
		{"rate(5m", "       ^", "rate", "the closing bracket is missing, as in rate(5m)"},
		{"rate(5m) ", "        ^", "rate", "nothing may follow the closing bracket"},
		{"rate(5m) UTC", "        ^^^^", "rate", "nothing may follow the closing bracket"},
		{" rate(5m)", "^", "rate", "no blank is allowed before rate("},
		{"rate (5m)", "^^^^^^^^^", "rate", "it must be written like rate(5m)"},
		{"Rate(5m)", "^^^^^^^^", "rate", "it must be written like rate(5m)"},
		{"rate 5m", "^^^^^^^", "rate", "it must be written like rate(5m)"},

		{"at(2027-01-31)", "   ^^^^^^^^^^", "at", "a date and a time are needed, as in at(2027-01-31 08:00:00 Asia/Shanghai)"},
		{"at(2027-01-31T08:00:00)", "   ^^^^^^^^^^^^^^^^^^^", "at", "a date and a time are needed, as in at(2027-01-31 08:00:00 Asia/Shanghai)"},
		{"at(2027-01-31  08:00:00)", "              ^", "at", dates},
		{"at( 2027-01-31 08:00:00)", "   ^", "at", dates},
		{"at(2027-01-31 08:00:00 )", "                       ^", "at", dates},
		{"at(2027-01-31 08:00:00 UTC x)", "                           ^", "at", dates},
		{"at(2027-1-31 08:00:00)", "   ^^^^^^^^^", "date", `date "2027-1-31" is not of the form yyyy-MM-dd`},
		{"at(2027/01/31 08:00:00)", "   ^^^^^^^^^^", "date", `date "2027/01/31" is not of the form yyyy-MM-dd`},
		{"at(2027-13-31 08:00:00)", "        ^^", "month", "month 13 is not in 1-12"},
		{"at(2027-00-31 08:00:00)", "        ^^", "month", "month 00 is not in 1-12"},
		{"at(2027-02-29 08:00:00)", "           ^^", "day", "February 2027 has no day 29"},
		{"at(2027-02-00 08:00:00)", "           ^^", "day", "February 2027 has no day 0"},
		{"at(2027-01-31 8:00:00)", "              ^^^^^^^", "time", `time "8:00:00" is not of the form HH:mm:ss`},
		{"at(2027-01-31 24:00:00)", "              ^^", "hour", "hour 24 is not in 0-23"},
		{"at(2027-01-31 08:60:00)", "                 ^^", "minute", "minute 60 is not in 0-59"},
		{"at(2027-01-31 08:00:60)", "                    ^^", "second", "second 60 is not in 0-59"},
		{"at(2027-01-31 08:00:00 GMT+08:00)", "                           ^^", "time zone", `the hour in "GMT+08:00" takes no leading zero; write GMT+8:00`},
		{"at(2027-01-31 08:00:00 PST)", "                       ^^^", "time zone", `time zone "PST" is not known` + write},
		{"at(2027-01-31 08:00:00", "                      ^", "at", "the closing bracket is missing, as in at(2027-01-31 08:00:00 Asia/Shanghai)"},
		{"at(2027-01-31 08:00:00) UTC", "                       ^^^^", "at", "nothing may follow the closing bracket"},
		{"at 2027-01-31", "^^^^^^^^^^^^^", "at", "it must be written like at(2027-01-31 08:00:00 Asia/Shanghai)"},
	}
	for _, test := range tests {
		f, err := Parse(test.text)
		wrong, ok := errors.AsType[*SyntaxError](err)
		if !ok {
			t.Errorf("%q: frequency %v, error %v", test.text, f, err)
			continue
		}
		_, carets, _ := strings.Cut(wrong.Pointer(), "\n")
		if carets != test.carets || wrong.Field != test.field || wrong.Reason != test.reason {
			t.Errorf("%q: %s %q\n%s\nwant %s %q\n%s", test.text, wrong.Field, wrong.Reason, wrong.Pointer(), test.field, test.reason, test.carets)
		}
		if wrong.Text != test.text {
			t.Errorf("%q: the error has the text %q", test.text, wrong.Text)
		}
	}
}

func TestSyntaxErrorPosition(t *testing.T) {
	_, err := Parse("0 0 25 * * ?")
	wrong, ok := errors.AsType[*SyntaxError](err)
	if !ok {
		t.Fatal(err)
	}
	if got, want := wrong.Error(), `frequency "0 0 25 * * ?": hour 25 is not in 0-23`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if wrong.Offset != 4 || wrong.Length != 2 {
		t.Errorf("offset %d, length %d", wrong.Offset, wrong.Length)
	}
	if got, want := wrong.Pointer(), "0 0 25 * * ?\n    ^^"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestPointerEscapes(t *testing.T) {
	for text, want := range map[string]string{
		"中\t0 8 x * ?":       `\u4e2d\t0 8 x * ?` + "\n^^^^^^",
		"0 0 8 \x1b[31m * ?": `0 0 8 \x1b[31m * ?` + "\n      ^^^^^^^^",
		"0 0 8 \xff * ?":     `0 0 8 \xff * ?` + "\n      ^^^^",
		"0 0 8 \ufffd * ?":   `0 0 8 \ufffd * ?` + "\n      ^^^^^^",
		"0 0 8 * * ?\n":      `0 0 8 * * ?\n` + "\n          ^^^",
	} {
		_, err := Parse(text)
		wrong, ok := errors.AsType[*SyntaxError](err)
		if !ok {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := wrong.Pointer(); got != want {
			t.Errorf("%q:\n%s\nwant\n%s", text, got, want)
		}
		if strings.ContainsAny(wrong.Error(), "\n\x1b") {
			t.Errorf("%q: error %q", text, wrong.Error())
		}
	}
}
