// A collector as one writes it in Go: fasthttp in front, franz-go behind.
//
// GET /p checks its query, turns it into a JSON record, produces it keyed by
// visitor (idempotent, acks=all, lz4, linger 50 ms, as our publisher does)
// and answers a 43-byte GIF: at once, which is what our `durability: memory`
// promises, or with -spool after the record is on disk, one sync for many,
// which is our `disk`. GET /buffered says how many records Kafka has not
// confirmed yet, so that a measurement can wait for the rest of the work.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"net/netip"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/valyala/fasthttp"
)

const gif = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff" +
	"!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00" +
	"\x02\x02D\x01\x00;"

type collector struct {
	client    *kgo.Client
	spool     *spool // nil: answers at once
	sites     map[string]bool
	addresses *buckets[netip.Addr]
	siteHits  *buckets[string]
	seq, lost atomic.Uint64
	records   sync.Pool
	done      [2]func(*kgo.Record, error) // by half of the spool
}

// reported gives a record's memory back when Kafka has it.
func (c *collector) reported(r *kgo.Record, err error) {
	if err != nil {
		c.lost.Add(1)
	}
	*r = kgo.Record{Key: r.Key[:0], Value: r.Value[:0]}
	c.records.Put(r)
}

func (c *collector) hit(ctx *fasthttp.RequestCtx) {
	now := time.Now()
	address := ctx.RemoteAddr().(*net.TCPAddr).AddrPort().Addr().Unmap()
	if stranger(address) && !c.addresses.take(address, now) {
		ctx.Error("too many requests from this address", 429)
		return
	}
	site := ctx.QueryArgs().Peek("site")
	if !c.sites[string(site)] {
		ctx.Error("site is not one of ours", 400)
		return
	}
	if c.siteHits.rate > 0 && !c.siteHits.take(string(site), now) {
		ctx.Error("the site's limit is reached", 429)
		return
	}
	record := c.records.Get().(*kgo.Record)
	seq := c.seq.Add(1)
	var why string
	record.Value, why = appendRecord(record.Value, ctx, address, now, seq)
	if why != "" {
		record.Value = record.Value[:0]
		c.records.Put(record)
		ctx.Error(why, 400)
		return
	}
	record.Key = append(record.Key, ctx.QueryArgs().Peek("visitor_id")...)
	half := 0
	if c.spool != nil {
		group := c.spool.add(seq, record.Key, record.Value)
		<-group.done
		if group.err != nil {
			ctx.Error(group.err.Error(), 503)
			return
		}
		half = group.half
	}
	// Waits when the buffer is full: no hit is dropped.
	c.client.Produce(context.Background(), record, c.done[half])
	ctx.Response.Header.SetContentType("image/gif")
	ctx.Response.Header.Set("Cache-Control", "no-store")
	ctx.SetBodyString(gif)
}

func (c *collector) handle(ctx *fasthttp.RequestCtx) {
	switch string(ctx.Path()) {
	case "/p":
		c.hit(ctx)
	case "/buffered":
		fmt.Fprintf(ctx, "%d %d\n", c.client.BufferedProduceRecords(),
			c.lost.Load())
	default:
		ctx.Error("there is nothing here", 404)
	}
}

func newCollector(brokers, topic, sites, spoolFile string) (*collector, error) {
	c := &collector{sites: map[string]bool{},
		addresses: newBuckets[netip.Addr](1000, 2000),
		siteHits:  newBuckets[string](0, 0)}
	for _, site := range strings.Split(sites, ",") {
		c.sites[site] = true
	}
	c.records.New = func() any {
		return &kgo.Record{Key: make([]byte, 0, 64),
			Value: make([]byte, 0, 768)}
	}
	c.done = [2]func(*kgo.Record, error){c.reported, c.reported}
	if spoolFile != "" {
		var err error
		if c.spool, err = openSpool(spoolFile); err != nil {
			return nil, err
		}
		for half := range c.done {
			half := half
			c.done[half] = func(r *kgo.Record, err error) {
				c.reported(r, err)
				c.spool.confirmed(half)
			}
		}
	}
	var err error
	c.client, err = kgo.NewClient(
		kgo.SeedBrokers(brokers),
		kgo.DefaultProduceTopic(topic),
		kgo.RequiredAcks(kgo.AllISRAcks()), // idempotent by default
		kgo.ProducerBatchCompression(kgo.Lz4Compression()),
		kgo.ProducerLinger(50*time.Millisecond),
		kgo.MaxBufferedRecords(100000),
	)
	return c, err
}

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address")
	brokers := flag.String("brokers", "", "Kafka's bootstrap.servers")
	topic := flag.String("topic", "", "topic of the records")
	sites := flag.String("sites", "shop", "ids of sites, by commas")
	spoolFile := flag.String("spool", "",
		"answer when a record is in this file and on disk")
	flag.Parse()
	debug.SetGCPercent(400) // the heap is small: collect it less often
	c, err := newCollector(*brokers, *topic, *sites, *spoolFile)
	if err != nil {
		log.Fatal(err)
	}
	server := &fasthttp.Server{Handler: c.handle, NoDefaultServerHeader: true,
		NoDefaultDate: true}
	listener, err := net.Listen("tcp4", *listen)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("ready listen=%s\n", listener.Addr())
	log.Fatal(server.Serve(listener))
}
