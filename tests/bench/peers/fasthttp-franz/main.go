// A collector as one writes it in Go: fasthttp in front, franz-go behind.
//
// GET /p turns its query into a JSON record, produces it keyed by visitor
// (idempotent, acks=all, lz4, linger 50 ms, as our publisher does) and
// answers a 43-byte GIF at once: what our `durability: memory` promises, and
// less than our `disk`. GET /buffered says how many records Kafka has not
// confirmed yet, so that a measurement can wait for the rest of the work.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/valyala/fasthttp"
)

const gif = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff" +
	"!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00" +
	"\x02\x02D\x01\x00;"

var lost atomic.Uint64

const hex = "0123456789abcdef"

// Strings of hits are short and rarely need escapes: no reflection.
func appendString(to, s []byte) []byte {
	to = append(to, '"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			to = append(to, '\\', c)
		case c < 0x20:
			to = append(to, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			to = append(to, c)
		}
	}
	return append(to, '"')
}

func appendField(to []byte, name string, value []byte) []byte {
	if len(value) == 0 {
		return to
	}
	to = append(to, ',', '"')
	to = append(to, name...)
	to = append(to, '"', ':')
	return appendString(to, value)
}

func encode(ctx *fasthttp.RequestCtx, now time.Time, seq uint64) (key, value []byte) {
	query := ctx.QueryArgs()
	// The record's memory is Kafka's until it is acknowledged.
	value = make([]byte, 0, 640)
	value = append(value, `{"v":1,"event_id":"`...)
	value = strconv.AppendUint(value, uint64(now.UnixNano()), 36)
	value = append(value, '-')
	value = strconv.AppendUint(value, seq, 36)
	value = append(value, `","received_at":`...)
	value = strconv.AppendInt(value, now.UnixMilli(), 10)
	for _, name := range []string{"type", "site", "visitor_id", "session_id",
		"url", "referrer", "screen", "title"} {
		value = appendField(value, name, query.Peek(name))
	}
	head := &ctx.Request.Header
	value = appendField(value, "user_agent", head.UserAgent())
	value = appendField(value, "language", head.Peek("Accept-Language"))
	value = append(value, `,"ip":"`...)
	if ip := ctx.RemoteIP().To4(); ip != nil {
		value = append(value, net.IPv4(ip[0], ip[1], ip[2], 0).String()...)
	}
	value = append(value, `"}`...)
	return append([]byte(nil), query.Peek("visitor_id")...), value
}

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address")
	brokers := flag.String("brokers", "", "Kafka's bootstrap.servers")
	topic := flag.String("topic", "", "topic of the records")
	flag.Parse()
	client, err := kgo.NewClient(
		kgo.SeedBrokers(*brokers),
		kgo.DefaultProduceTopic(*topic),
		kgo.RequiredAcks(kgo.AllISRAcks()), // idempotent by default
		kgo.ProducerBatchCompression(kgo.Lz4Compression()),
		kgo.ProducerLinger(50*time.Millisecond),
		kgo.MaxBufferedRecords(100000),
	)
	if err != nil {
		log.Fatal(err)
	}
	var seq atomic.Uint64
	done := func(_ *kgo.Record, err error) {
		if err != nil {
			lost.Add(1)
		}
	}
	handler := func(ctx *fasthttp.RequestCtx) {
		switch string(ctx.Path()) {
		case "/p":
			if len(ctx.QueryArgs().Peek("site")) == 0 {
				ctx.Error("site is missing", 400)
				return
			}
			key, value := encode(ctx, time.Now(), seq.Add(1))
			// Waits when the buffer is full: no hit is dropped.
			client.Produce(context.Background(),
				&kgo.Record{Key: key, Value: value}, done)
			ctx.Response.Header.SetContentType("image/gif")
			ctx.Response.Header.Set("Cache-Control", "no-store")
			ctx.SetBodyString(gif)
		case "/buffered":
			fmt.Fprintf(ctx, "%d %d\n", client.BufferedProduceRecords(),
				lost.Load())
		default:
			ctx.Error("there is nothing here", 404)
		}
	}
	server := &fasthttp.Server{Handler: handler, NoDefaultServerHeader: true,
		NoDefaultDate: true}
	listener, err := net.Listen("tcp4", *listen)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("ready listen=%s\n", listener.Addr())
	log.Fatal(server.Serve(listener))
}
