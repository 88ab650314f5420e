// Command sarama checks a node with the sarama client: one line per check, status 1 on failure.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/Shopify/sarama"
)

var failed bool

func check(name string, good bool, detail string) {
	word := "ok"
	if !good {
		word = "FAIL"
		failed = true
	}
	fmt.Printf("%s\t%s\t%s\n", word, name, detail)
}

type reader struct {
	values chan string
}

func (r *reader) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (r *reader) Cleanup(sarama.ConsumerGroupSession) error { return nil }
func (r *reader) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		session.MarkMessage(message, "")
		select {
		case r.values <- string(message.Value):
		case <-session.Context().Done():
			return nil
		}
	}
	return nil
}

func read(bootstrap, topic, group string, count int, limit time.Duration, config *sarama.Config) []string {
	client, err := sarama.NewConsumerGroup([]string{bootstrap}, group, config)
	if err != nil {
		check("consumer group", false, err.Error())
		return nil
	}
	context, cancel := context.WithTimeout(context.Background(), limit)
	r := &reader{values: make(chan string, count+10)}
	ended := make(chan error, 1)
	go func() { ended <- client.Consume(context, []string{topic}, r) }()
	var got []string
	for len(got) < count && context.Err() == nil {
		select {
		case value := <-r.values:
			got = append(got, value)
		case err := <-ended:
			if err != nil {
				check("consume", false, err.Error())
			}
			cancel()
		case <-context.Done():
		}
	}
	time.Sleep(5 * config.Consumer.Offsets.CommitInterval) // this version commits by timer only
	cancel()
	client.Close()
	return got
}

func contains(values []string, wanted string) bool {
	for _, value := range values {
		if value == wanted {
			return true
		}
	}
	return false
}

func main() {
	bootstrap := os.Args[1]
	name := fmt.Sprintf("sarama-%d", time.Now().Unix())
	config := sarama.NewConfig()
	config.Version = sarama.V2_2_0_0
	config.Producer.Return.Successes = true
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Offsets.CommitInterval = 100 * time.Millisecond

	admin, err := sarama.NewClusterAdmin([]string{bootstrap}, config)
	if err != nil {
		check("connect", false, err.Error())
		os.Exit(1)
	}
	var failures []error
	for topic, partitions := range map[string]int32{name: 3, name + "_2s": 1} {
		err = admin.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: partitions, ReplicationFactor: 1}, false)
		if err != nil {
			failures = append(failures, err)
		}
	}
	check("create topics", len(failures) == 0, fmt.Sprint(failures))

	for _, codec := range []sarama.CompressionCodec{sarama.CompressionNone, sarama.CompressionGZIP, sarama.CompressionSnappy, sarama.CompressionLZ4} {
		config.Producer.Compression = codec
		producer, err := sarama.NewSyncProducer([]string{bootstrap}, config)
		for i := 0; err == nil && i < 100; i++ {
			_, _, err = producer.SendMessage(&sarama.ProducerMessage{
				Topic: name, Key: sarama.StringEncoder(fmt.Sprint(i % 7)), Value: sarama.StringEncoder(fmt.Sprint(i)),
			})
		}
		check(fmt.Sprintf("produce %v", codec), err == nil, fmt.Sprint(err))
		if producer != nil {
			producer.Close()
		}
	}

	got := read(bootstrap, name, name, 400, 40*time.Second, config)
	check("consume with a group", len(got) == 400, fmt.Sprintf("%d of 400", len(got)))

	config.Producer.Compression = sarama.CompressionNone
	producer, err := sarama.NewSyncProducer([]string{bootstrap}, config)
	if err != nil {
		check("connect again", false, err.Error())
		os.Exit(1)
	}
	_, _, err = producer.SendMessage(&sarama.ProducerMessage{Topic: name, Value: sarama.StringEncoder("later")})
	check("produce later", err == nil, fmt.Sprint(err))
	got = read(bootstrap, name, name+"-2", 401, 40*time.Second, config)
	check("a second group reads all", len(got) == 401 && contains(got, "later"), fmt.Sprint(len(got), " of 401"))

	sent := time.Now()
	for i := 0; i < 10; i++ {
		_, _, err = producer.SendMessage(&sarama.ProducerMessage{Topic: name + "_2s", Value: sarama.StringEncoder(fmt.Sprint(i))})
	}
	got = read(bootstrap, name+"_2s", name+"-delayed", 10, 15*time.Second, config)
	took := time.Since(sent)
	check("delay topic", fmt.Sprint(got) == "[0 1 2 3 4 5 6 7 8 9]" && took >= 2*time.Second, fmt.Sprintf("%d records after %v", len(got), took))

	check("delete a topic", admin.DeleteTopic(name) == nil, "")
	if failed {
		os.Exit(1)
	}
}
