package it.pedaggio.tolls;

import it.pedaggio.tolls.Road.Load;
import it.pedaggio.tolls.Road.Passage;
import it.pedaggio.tolls.Road.Trip;
import it.pedaggio.tolls.Road.Vehicle;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** From what gantries read to what account holders pay. */
public final class TollClearing {
    private TollClearing() {}

    public static void main(String[] args) throws Exception {
        Road road = new Road(args);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        int parallelism = road.of("parallelism", 2);
        env.setParallelism(parallelism);

        DataStream<Passage> read = env.fromSource(new Gantries(road), WatermarkStrategy.noWatermarks(), "gantries", TypeInformation.of(Passage.class))
                .setParallelism(road.of("lanes", Math.max(1, parallelism / 2))).uid("gantries")
                .rescale().process(new PlateReading()).name("plate reading").uid("plates");
        DataStream<Vehicle> registry = env.addSource(new VehicleRegistry(road), "vehicle registry", TypeInformation.of(Vehicle.class))
                .setParallelism(1).uid("registry");
        SingleOutputStreamOperator<Passage> matched = read.keyBy(Passage::plate).connect(registry.keyBy(Vehicle::plate))
                .process(new VehicleMatch()).name("vehicle match").uid("match");
        matched.getSideOutput(VehicleMatch.UNKNOWN).rebalance().addSink(new CameraArchive()).name("camera archive").uid("archive");

        DataStream<Passage> known = matched.assignTimestampsAndWatermarks(
                WatermarkStrategy.<Passage>forBoundedOutOfOrderness(Duration.ofMillis(400)).withTimestampAssigner((p, at) -> p.at)
                        .withIdleness(Duration.ofSeconds(2))).name("clock").uid("clock");
        DataStream<Trip> trips = Spans.joined(known.filter(p -> p.entry).keyBy(Passage::plate), known.filter(p -> !p.entry).keyBy(Passage::plate),
                new TripOf(), 20).name("trips").uid("trips");
        DataStream<Load> loads = Spans.sliding(known.keyBy(Passage::road), 6, 2).aggregate(new RoadLoad(), new RoadLoad.Named())
                .name("road load").uid("load");
        SingleOutputStreamOperator<Trip> statements = trips.connect(loads.broadcast(CongestionPrice.LOADS)).process(new CongestionPrice()).name("congestion price")
                .uid("price").keyBy(Trip::account).process(new Statements(road)).name("statements").uid("statements");
        statements.sinkTo(new ClearingHouse()).name("clearing house").uid("clearing");
        env.execute("toll-clearing");
    }
}
