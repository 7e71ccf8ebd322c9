package stepstream;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.KafkaMessageListenerContainer;
import org.springframework.kafka.requestreply.ReplyingKafkaTemplate;
import org.springframework.kafka.support.TopicPartitionOffset;

/**
 * Asks a workflow through Spring Kafka's ReplyingKafkaTemplate, as an application would, and prints what came of it as JSON.
 *
 * <p>usage: Requests BOOTSTRAP REQUEST_TOPIC REPLY_TOPIC PARTITION WARM_UP REQUESTS IN_FLIGHT_MAX PER_SECOND
 *
 * <p>PARTITION -1 subscribes to the reply topic; another one asks for replies in that partition alone. PER_SECOND 0 sends as
 * fast as IN_FLIGHT_MAX lets it; else a latency is counted from the moment at which the request was due. WARM_UP requests are
 * sent before in the same way; they must be answered as well, and only their latencies do not count: at a rate nearly every
 * request is a batch of its own, and for ten to fifteen seconds this JVM is slower at them than what it measures. A request is
 * {@code {"n": N}}; every tenth has {@code "fail": true} too, and must come back as a failure.
 */
public final class Requests {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private Requests() {}

    public static void main(String[] args) throws Exception {
        String bootstrap = args[0];
        String requestTopic = args[1];
        String replyTopic = args[2];
        int partition = Integer.parseInt(args[3]);
        int warmUp = Integer.parseInt(args[4]);
        int requests = Integer.parseInt(args[5]);
        int inFlightMax = Integer.parseInt(args[6]);
        int perSecond = Integer.parseInt(args[7]);

        var producers = new DefaultKafkaProducerFactory<String, String>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap),
                new StringSerializer(),
                new StringSerializer());
        var consumers = new DefaultKafkaConsumerFactory<String, String>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap,
                        ConsumerConfig.GROUP_ID_CONFIG, "spring-" + System.nanoTime(),
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest"),
                new StringDeserializer(),
                new StringDeserializer());
        ContainerProperties replies = partition < 0
                ? new ContainerProperties(replyTopic)
                : new ContainerProperties(new TopicPartitionOffset(replyTopic, partition));
        var container = new KafkaMessageListenerContainer<>(consumers, replies);
        var template = new ReplyingKafkaTemplate<String, String, String>(producers, container);
        template.setDefaultReplyTimeout(PATIENCE);
        // Where a partition ends is asked for only after it was assigned, and a reply may be there before: all is read, and what
        // others asked for is passed over.
        template.setSharedReplyTopic(true);
        template.setDefaultTopic(requestTopic);
        template.start();
        if (!template.waitForAssignment(PATIENCE)) {
            throw new IllegalStateException("the reply container has no partitions");
        }

        Load warm = ask(template, requestTopic, warmUp, inFlightMax, perSecond);
        Load load = ask(template, requestTopic, requests, inFlightMax, perSecond);
        System.out.printf(
                "{\"requests\": %d, \"lost\": %d, \"wrong\": %d, \"seconds\": %.2f, \"p50_ms\": %.2f, \"p99_ms\": %.2f}%n",
                requests, warm.lost + load.lost, warm.wrong + load.wrong, load.seconds,
                load.nanos[requests / 2] / 1e6, load.nanos[requests * 99 / 100] / 1e6);
        template.stop();
        // Ends its timer, too, which would keep the process alive.
        template.destroy();
        producers.destroy();
    }

    /** What came of requests; their times are sorted. */
    private record Load(int lost, int wrong, double seconds, long[] nanos) {}

    private static Load ask(
            ReplyingKafkaTemplate<String, String, String> template, String topic, int requests, int inFlightMax, int perSecond)
            throws InterruptedException {
        var lost = new AtomicInteger();
        var wrong = new AtomicInteger();
        long[] nanos = new long[requests];
        var inFlight = new Semaphore(inFlightMax);
        long began = System.nanoTime();
        for (int request = 0; request < requests; request++) {
            int n = request;
            long due = System.nanoTime();
            if (perSecond > 0) {
                due = began + n * (1_000_000_000L / perSecond);
                for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
            }
            inFlight.acquire();
            if (perSecond == 0) {
                due = System.nanoTime();
            }
            long from = due;
            boolean fails = n % 10 == 9;
            String value = fails ? "{\"n\":" + n + ",\"fail\":true}" : "{\"n\":" + n + "}";
            template.sendAndReceive(new ProducerRecord<>(topic, "k" + n % 97, value)).whenComplete((reply, error) -> {
                nanos[n] = System.nanoTime() - from;
                if (error != null) {
                    lost.incrementAndGet();
                } else if (!isRight(reply, n, fails)) {
                    wrong.incrementAndGet();
                }
                inFlight.release();
            });
        }
        boolean all = inFlight.tryAcquire(inFlightMax, PATIENCE.toSeconds() * 2, TimeUnit.SECONDS);
        double seconds = (System.nanoTime() - began) / 1e9;
        Arrays.sort(nanos);
        return new Load(all ? lost.get() : requests, wrong.get(), seconds, nanos);
    }

    /** Whether the reply is the answer to this request and no other. */
    private static boolean isRight(ConsumerRecord<String, String> reply, int n, boolean fails) {
        Header status = reply.headers().lastHeader("asl-status");
        String said = status == null ? "" : new String(status.value(), StandardCharsets.UTF_8);
        if (fails) {
            return said.equals("FAILED") && reply.value().contains("\\\"n\\\":" + n + ",");
        }
        return said.equals("SUCCEEDED") && reply.value().equals("{\"n\":" + n + "}");
    }
}
