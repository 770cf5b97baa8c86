package main

import (
	"net/netip"
	"sync"
	"time"
)

// A token bucket is a time: when it will be full again.
type buckets[K comparable] struct {
	rate, burst int64 // tokens a second, and at once; 0: no limit
	lock        sync.Mutex
	full        map[K]int64 // ns
}

const bucketsMax = 16384

func newBuckets[K comparable](rate, burst int64) *buckets[K] {
	return &buckets[K]{rate: rate, burst: burst, full: map[K]int64{}}
}

// take is false when KEY has no token left.
func (b *buckets[K]) take(key K, now time.Time) bool {
	if b.rate == 0 {
		return true
	}
	each, at := int64(time.Second)/b.rate, now.UnixNano()
	b.lock.Lock()
	defer b.lock.Unlock()
	full := max(b.full[key], at)
	if full+each-at > each*b.burst {
		return false
	}
	if len(b.full) >= bucketsMax {
		for other, at2 := range b.full {
			if at2 <= at {
				delete(b.full, other)
			}
		}
	}
	b.full[key] = full + each
	return true
}

// stranger is false for the machine itself and its own networks, which have
// no limit, as with ours.
func stranger(a netip.Addr) bool {
	return !a.IsLoopback() && !a.IsPrivate() && !a.IsLinkLocalUnicast()
}
