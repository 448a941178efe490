package schedule

import "testing"

func TestWords(t *testing.T) {
	const local = " (the instance's own time zone)"
	for text, want := range map[string]string{
		"rate(5m)":   "every 5 minutes",
		"rate(1m)":   "every minute",
		"rate(90s)":  "every 90 seconds",
		"rate(1d)":   "every day",
		"rate(168h)": "every 168 hours",

		"at(2022-06-06 13:15:30 Asia/Shanghai)": "once, on 2022-06-06 at 13:15:30 (Asia/Shanghai)",
		"at(2022-06-06 13:15:30 GMT-7:00)":      "once, on 2022-06-06 at 13:15:30 (GMT-7:00)",
		"at(2022-06-06 13:15:30)":               "once, on 2022-06-06 at 13:15:30 (UTC)",

		// The clock.
		"* * * * * ?":               "every second",
		"*/10 * * * * ?":            "every 10 seconds",
		"0/10 * * * * ? UTC":        "every 10 seconds (UTC)",
		"*/7 * * * * ?":             "every 7th second from 0 to 56 of every minute",
		"10-40/15 * * * * *":        "at seconds 10, 25 and 40 of every minute",
		"30 * * * * ?":              "at second 30 of every minute",
		"0 * * * * ?":               "every minute",
		"* 0 * * * ?":               "every second of minute 0 of every hour",
		"0 */20 * * * ?":            "every 20 minutes",
		"0 15 * * * ?":              "at minute 15 of every hour",
		"30 15 * * * ?":             "at second 30 of minute 15 of every hour",
		"0 15,45 * * * ?":           "every 30 minutes from 00:15:00 to 23:45:00 every day",
		"0 0,7-9,20 * * * ?":        "at minutes 0, 7 to 9 and 20 of every hour",
		"0 0 * * * ?":               "every hour",
		"0 0 */2 * * ?":             "every 2 hours" + local,
		"0 30 */2 * * ?":            "every 2 hours from 00:30:00 to 22:30:00 every day" + local,
		"0 0 */5 * * ?":             "every 5 hours from 00:00:00 to 20:00:00 every day" + local,
		"0 0 8 * * ?":               "at 08:00:00 every day" + local,
		"0 0 6,18 * * ?":            "at 06:00:00 and 18:00:00 every day" + local,
		"0 30 6,12,22 * * ?":        "at 06:30:00, 12:30:00 and 22:30:00 every day" + local,
		"0 0,20 6,12 * * ?":         "at 06:00:00, 06:20:00, 12:00:00 and 12:20:00 every day" + local,
		"0 0 9-17 * * ?":            "every hour from 09:00:00 to 17:00:00 every day" + local,
		"0 */15 9-17 * * ?":         "every 15 minutes from 09:00:00 to 17:45:00 every day" + local,
		"0 0-5 14 * * ?":            "every minute from 14:00:00 to 14:05:00 every day" + local,
		"0 */7 9,17 * * ?":          "every 7th minute from 0 to 56 of hours 9 and 17 every day" + local,
		"0 * 9,17 * * ?":            "every minute of hours 9 and 17 every day" + local,
		"5,50 0,30 9,12-14 * * ?":   "at seconds 5 and 50 of minutes 0 and 30 of hours 9 and 12 to 14 every day" + local,
		"0 0,9 0-23/3 * * ?":        "at minutes 0 and 9 of every 3rd hour from 0 to 21 every day" + local,
		"0 0-30/22,31-59 1 * * ?":   "at minutes 0, 22 and 31 to 59 of hour 1 every day" + local,
		"0 0-42/21,3-42/21 1 * * ?": "at 01:00:00, 01:03:00, 01:21:00, 01:24:00 and 01:42:00 every day" + local,

		// Days.
		"0 15 10 ? * MON-FRI Asia/Shanghai": "at 10:15:00 on Monday to Friday (Asia/Shanghai)",
		"0 15 10 ? * 5":                     "at 10:15:00 on Friday" + local,
		"0 15 10 ? * SUN-THU":               "at 10:15:00 on Sunday to Thursday" + local,
		"0 15 10 ? * SAT,SUN":               "at 10:15:00 on Saturday and Sunday" + local,
		"0 15 10 ? * 5,6,7":                 "at 10:15:00 on Friday to Sunday" + local,
		"0 15 10 ? * 0-6":                   "at 10:15:00 on Monday to Sunday" + local,
		"0 15 10 ? * */2":                   "at 10:15:00 on Tuesday, Thursday, Saturday and Sunday" + local,
		"0 15 10 ? * 6L":                    "at 10:15:00 on the last Saturday of the month" + local,
		"0 0 8 * * FRI#2":                   "at 08:00:00 on the second Friday of the month" + local,
		"0 0 8 * * 7#1,0#1,MON#5":           "at 08:00:00 on the first Sunday and the fifth Monday of the month" + local,
		"0 0 8 * * MON,5#3":                 "at 08:00:00 on Monday and the third Friday of the month" + local,
		"0 0 8 13 * ?":                      "at 08:00:00 on day 13 of the month" + local,
		"0 0 8 1-7,15 * ?":                  "at 08:00:00 on days 1 to 7 and 15 of the month" + local,
		"0 0 8 L * ?":                       "at 08:00:00 on the last day of the month" + local,
		"0 0 8 LW * ?":                      "at 08:00:00 on the last weekday of the month" + local,
		"0 0 8 15W,L,1 * ?":                 "at 08:00:00 on day 1, the weekday nearest day 15 and the last day of the month" + local,
		"0 0 8 13 * 5":                      "at 08:00:00 on day 13 of the month or on Friday" + local,
		"0 0 8 */1 * 5":                     "at 08:00:00 on days 1 to 31 of the month or on Friday" + local,
		"0 0 8 *,13 * 5":                    "at 08:00:00 on Friday" + local,
		"0 */20 * ? * MON":                  "every 20 minutes on Monday" + local,

		// Months and years.
		"0 0 8 * 2 ?":                        "at 08:00:00 every day in February" + local,
		"*/10 * * * 2 ?":                     "every 10 seconds in February" + local,
		"0 0 0 29 2 ? *":                     "at 00:00:00 on day 29 of February" + local,
		"0 0 8 ? JAN-MAR/2 TUE,THU":          "at 08:00:00 on Tuesday and Thursday in January and March" + local,
		"0 0 8 ? 6-8,12 6L":                  "at 08:00:00 on the last Saturday of the month in June to August and December" + local,
		"0 0 8 ? march 6L":                   "at 08:00:00 on the last Saturday of March" + local,
		"0 0 8 13 3 FRI":                     "at 08:00:00 on day 13 of March or on Friday in March" + local,
		"0 0 8 13 3 FRI#2,MON 2028":          "at 08:00:00 on day 13 of March or on Monday and the second Friday of March, in 2028" + local,
		"0 0 8 13 3,4 FRI":                   "at 08:00:00 on day 13 of the month in March and April or on Friday in March and April" + local,
		"0 0 8 * * ? 2027,2029 UTC":          "at 08:00:00 every day in 2027 and 2029 (UTC)",
		"0 0 8 * * ? 2027-2030":              "at 08:00:00 every day in 2027 to 2030" + local,
		"0 0 8 1 1 ? 2027":                   "at 08:00:00 on day 1 of January of 2027" + local,
		"* * * * * ? 2027":                   "every second in 2027" + local,
		"0 15 10 ? * * 2022 Asia/Shanghai":   "at 10:15:00 every day in 2022 (Asia/Shanghai)",
		"0 0/30 10-11 * * ? 2022 GMT+8:00":   "every 30 minutes from 10:00:00 to 11:30:00 every day in 2022 (GMT+8:00)",
		"0 0/5 14 * 10 ? 2022/2 UTC":         "every 5 minutes from 14:00:00 to 14:55:00 every day in October of every 2nd year from 2022 to 2098 (UTC)",
		"0 0 8 * * ? 2001/11 Etc/GMT+8":      "at 08:00:00 every day in every 11th year from 2001 to 2089 (Etc/GMT+8)",
		"0 0 8 * * ? 2000/21,2099 GMT":       "at 08:00:00 every day in 2000, 2021, 2042, 2063, 2084 and 2099 (GMT)",
		"0 0 8 31 4 ? 1999 America/New_York": "at 08:00:00 on day 31 of April of 1999 (America/New_York)",
	} {
		if got := mustParse(t, text).Words(); got != want {
			t.Errorf("%s:\n%s, want\n%s", text, got, want)
		}
	}
}

func TestOrdinal(t *testing.T) {
	for n, want := range map[int]string{1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 13: "13th", 21: "21st", 22: "22nd", 23: "23rd", 30: "30th", 51: "51st"} {
		if got := ordinal(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

// TestIdleDays has expressions whose other day field matches every day, which was tried with the library of the agent's build 578.
func TestIdleDays(t *testing.T) {
	for text, want := range map[string][2]string{
		"0 0 8 */1 * MON":      {"Monday", "day of month"},
		"0 0 8 1-31 * MON-FRI": {"Monday to Friday", "day of month"},
		"0 0 8 13 * */1":       {"day 13", "day of week"},
		"0 0 8 1,L * 0-6":      {"day 1 and the last day", "day of week"},
		"0 0 8 */1 * */1":      {},
		"0 0 8 */2 * MON":      {},
		"0 0 8 * * MON":        {},
		"0 0 8 ? * MON":        {},
		"0 0 8 13 * FRI":       {},
		"rate(5m)":             {},
	} {
		f, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if days, other := f.IdleDays(); days != want[0] || other != want[1] {
			t.Errorf("%s: %q, %q, want %q", text, days, other, want)
		}
	}
}
