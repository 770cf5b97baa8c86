package main

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
)

// Records on disk before their answers. A file of two halves is written
// beforehand, so that a sync has no metadata to carry, and a half is used
// again when Kafka has all that was in it.
const (
	halfBytes = 128 << 20
	headBytes = 24 // CRC, lengths of key and value, seq
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// group is what one sync makes durable.
type group struct {
	done chan struct{} // closed when err is settled
	err  error
	half int // where it is, for confirmed()
}

type spool struct {
	file *os.File
	wake chan struct{}

	lock   sync.Mutex
	gather []byte
	count  int64
	group  *group

	spare       []byte // the committer's, as is all that follows
	half        int
	at          int64
	unconfirmed [2]atomic.Int64
	emptied     chan struct{}
}

func newGroup() *group { return &group{done: make(chan struct{})} }

func openSpool(path string) (*spool, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	zeros := make([]byte, 1<<20)
	for at := int64(0); at < 2*halfBytes; at += int64(len(zeros)) {
		if _, err = file.WriteAt(zeros, at); err != nil {
			return nil, err
		}
	}
	if err = file.Sync(); err != nil {
		return nil, err
	}
	s := &spool{file: file, wake: make(chan struct{}, 1),
		group: newGroup(), emptied: make(chan struct{}, 1)}
	go s.commit()
	return s, nil
}

// add appends a record and returns the group to wait for.
func (s *spool) add(seq uint64, key, value []byte) *group {
	var head [headBytes]byte
	binary.LittleEndian.PutUint32(head[4:], uint32(len(key)))
	binary.LittleEndian.PutUint32(head[8:], uint32(len(value)))
	binary.LittleEndian.PutUint64(head[16:], seq)
	s.lock.Lock()
	from := len(s.gather)
	s.gather = append(s.gather, head[:]...)
	s.gather = append(s.gather, key...)
	s.gather = append(s.gather, value...)
	crc := crc32.Checksum(s.gather[from+4:], castagnoli)
	binary.LittleEndian.PutUint32(s.gather[from:], crc)
	s.count++
	g := s.group
	s.lock.Unlock()
	select {
	case s.wake <- struct{}{}:
	default: // it knows
	}
	return g
}

// confirmed says that Kafka has a record of that half.
func (s *spool) confirmed(half int) {
	if s.unconfirmed[half].Add(-1) == 0 {
		select {
		case s.emptied <- struct{}{}:
		default:
		}
	}
}

// commit writes and syncs one group after another; the next one gathers
// meanwhile.
func (s *spool) commit() {
	for range s.wake {
		// Whoever is ready comes along.
		runtime.Gosched()
		s.lock.Lock()
		bytes, count, g := s.gather, s.count, s.group
		if count == 0 {
			s.lock.Unlock()
			continue
		}
		s.gather, s.count, s.group = s.spare[:0], 0, newGroup()
		s.lock.Unlock()
		g.err = s.write(bytes, count)
		g.half = s.half
		close(g.done)
		s.spare = bytes
	}
}

func (s *spool) write(bytes []byte, count int64) error {
	if s.at+int64(len(bytes)) > halfBytes {
		s.half, s.at = 1-s.half, 0
		for s.unconfirmed[s.half].Load() > 0 {
			<-s.emptied
		}
	}
	s.unconfirmed[s.half].Add(count)
	at := int64(s.half)*halfBytes + s.at
	if _, err := s.file.WriteAt(bytes, at); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	if err := syscall.Fdatasync(int(s.file.Fd())); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	s.at += int64(len(bytes))
	return nil
}
