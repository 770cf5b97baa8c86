package main

import (
	"bytes"
	"net/netip"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/valyala/fasthttp"
)

const hex = "0123456789abcdef"

// The fields of the query as the record has them, with their most bytes:
// ids must be ids, names must fit, descriptions are cut.
var fields = [...]struct {
	name, key, prefix string
	max               int
	id, cut           bool
}{
	{name: "type", key: `,"type":"`, max: 16},
	{name: "site", key: `,"site":"`, max: 64},
	{name: "visitor_id", key: `,"visitor_id":"`, prefix: "c.", max: 64, id: true},
	{name: "session_id", key: `,"session_id":"`, prefix: "c.", max: 64, id: true},
	{name: "url", key: `,"url":"`, max: 2048, cut: true},
	{name: "referrer", key: `,"referrer":"`, max: 2048, cut: true},
	{name: "title", key: `,"title":"`, max: 512, cut: true},
	{name: "screen", key: `,"screen":"`, max: 16},
}

var types = map[string]bool{"page": true, "event": true, "conversion": true,
	"refund": true, "identify": true, "exposure": true, "consent": true}

func isID(s []byte) bool {
	for _, c := range s {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' ||
			c >= '0' && c <= '9' || c == '_' || c == '.' ||
			c == ':' || c == '-') {
			return false
		}
	}
	return len(s) > 0 && len(s) <= 64
}

// Text of hits is short and rarely needs escapes: no reflection.
func appendText(to, s []byte) []byte {
	from := 0
	for i, c := range s {
		if c >= 0x20 && c != '"' && c != '\\' && c != '<' {
			continue
		}
		to = append(to, s[from:i]...)
		from = i + 1
		if c == '"' || c == '\\' {
			to = append(to, '\\', c)
		} else {
			to = append(to, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(to, s[from:]...)
}

// valid gives S with what is no UTF-8 replaced.
func valid(s []byte) []byte {
	if utf8.Valid(s) {
		return s
	}
	return bytes.ToValidUTF8(s, []byte("\uFFFD"))
}

func cut(s []byte, max int) []byte {
	if len(s) <= max {
		return s
	}
	for max > 0 && !utf8.RuneStart(s[max]) {
		max--
	}
	return s[:max]
}

func appendHeader(to []byte, key string, value []byte, max int) []byte {
	if len(value) == 0 {
		return to
	}
	to = append(to, key...)
	to = appendText(to, cut(valid(value), max))
	return append(to, '"')
}

// network is what of an address a record keeps.
func network(address netip.Addr) netip.Addr {
	bits := 24
	if address.Is6() {
		bits = 48
	}
	prefix, _ := address.Prefix(bits)
	return prefix.Addr()
}

// appendRecord appends the hit of CTX as JSON; WHY tells what is wrong.
func appendRecord(to []byte, ctx *fasthttp.RequestCtx, address netip.Addr,
	now time.Time, seq uint64) (record []byte, why string) {
	query := ctx.QueryArgs()
	to = append(to, `{"v":1,"event_id":"`...)
	to = strconv.AppendUint(to, uint64(now.UnixNano()), 36)
	to = append(to, '-')
	to = strconv.AppendUint(to, seq, 36)
	to = append(to, `","lane":"pixel","received_at":`...)
	to = strconv.AppendInt(to, now.UnixMilli(), 10)
	for i := range fields {
		field := &fields[i]
		value := query.Peek(field.name)
		if len(value) == 0 {
			continue
		}
		value = valid(value)
		switch {
		case field.id && !isID(value):
			return to, field.name + " must be 1 to 64 characters of A-Za-z0-9_.:-"
		case i == 0 && !types[string(value)]:
			return to, "type is none of ours"
		case field.cut:
			value = cut(value, field.max)
		case len(value) > field.max:
			return to, field.name + " is too long"
		}
		to = append(to, field.key...)
		to = append(to, field.prefix...)
		to = appendText(to, value)
		to = append(to, '"')
	}
	head := &ctx.Request.Header
	to = appendHeader(to, `,"user_agent":"`, head.UserAgent(), 512)
	to = appendHeader(to, `,"language":"`, head.Peek("Accept-Language"), 35)
	to = append(to, `,"ip":"`...)
	to = network(address).AppendTo(to)
	to = append(to, `","consent":"gggg","spool_id":"0123456789abcdef","seq":`...)
	to = strconv.AppendUint(to, seq, 10)
	to = append(to, `,"floor":`...)
	to = strconv.AppendUint(to, seq, 10)
	return append(to, '}'), ""
}
