import com.fasterxml.jackson.databind.ObjectMapper;
import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.spi.json.JacksonJsonProvider;
import com.jayway.jsonpath.spi.mapper.JacksonMappingProvider;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Asks the Jayway on the class path what each case gives.
 *
 * <p>{@code Golden cases FOLDER} prints every line of FOLDER/*.txt (a document's name, a blank, a path) as a JSON object;
 * {@code Golden answers FOLDER VERSION} copies such objects from the standard input and adds the answer under VERSION.
 */
public class Golden {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    public static void main(String[] arguments) throws Exception {
        Path folder = Paths.get(arguments[1]);
        if (arguments[0].equals("cases")) {
            cases(folder);
        } else {
            answers(folder, arguments[2]);
        }
    }

    private static void cases(Path folder) throws Exception {
        TreeSet<Path> files = new TreeSet<>();
        Files.newDirectoryStream(folder, "*.txt").forEach(files::add);
        for (Path file : files) {
            for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                if (line.isEmpty() || line.startsWith("#")) {
                    continue;
                }
                int blank = line.indexOf(' ');
                Map<String, Object> entry = new LinkedHashMap<>();
                entry.put("table", file.getFileName().toString().replace(".txt", ""));
                entry.put("document", line.substring(0, blank));
                entry.put("path", line.substring(blank + 1));
                OUT.println(JSON.writeValueAsString(entry));
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static void answers(Path folder, String version) throws Exception {
        Configuration configuration = Configuration.builder()
                .jsonProvider(new JacksonJsonProvider())
                .mappingProvider(new JacksonMappingProvider())
                .build();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Map<String, Object> entry = JSON.readValue(line, LinkedHashMap.class);
            // Parsed anew for each case: append() changes the document.
            List<String> text = Files.readAllLines(folder.resolve(entry.get("document") + ".json"), StandardCharsets.UTF_8);
            Object document = configuration.jsonProvider().parse(String.join("\n", text));
            entry.put(version, answer((String) entry.get("path"), document, configuration));
            OUT.println(JSON.writeValueAsString(entry));
        }
    }

    private static Map<String, Object> answer(String text, Object document, Configuration configuration) {
        Map<String, Object> answer = new LinkedHashMap<>();
        try {
            JsonPath path;
            try {
                path = JsonPath.compile(text);
            } catch (Exception refused) {
                answer.put("refused", refused.getMessage());
                return answer;
            }
            answer.put("definite", path.isDefinite());
            Object value = path.read(document, configuration);
            JSON.writeValueAsString(value);
            answer.put("value", value);
        } catch (Exception error) {
            answer.put("exception", error.getClass().getSimpleName());
            answer.put("message", error.getMessage());
        } catch (StackOverflowError error) {
            answer.put("exception", "StackOverflowError");
        }
        return answer;
    }
}
