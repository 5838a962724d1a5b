target datalayout = "e-m:e-i8:8:32-i16:16:32-i64:64-i128:128-n32:64-S128-Fn32"
target triple = "aarch64-unknown-linux-gnu"

%struct.ErrorArgs = type { i64, ptr, ptr, i32 }
%struct.kdsl_array = type { ptr, ptr, ptr }
%struct.Param = type { i32, i32, i32, i32, i32, i32 }

@minor = internal unnamed_addr global i32 0, align 4
@.str = private unnamed_addr constant [56 x i8] c"kdsl: the call's attributes are not those of its kernel\00", align 1
@.str.1 = private unnamed_addr constant [53 x i8] c"kdsl: the call's buffers are not those of its kernel\00", align 1

; Function Attrs: nounwind
define void @KDSL_share_pool(i64 noundef %0, i32 noundef %1) local_unnamed_addr #0 {
  %3 = icmp eq i64 %0, 0
  br i1 %3, label %6, label %4

4:                                                ; preds = %2
  %5 = inttoptr i64 %0 to ptr
  tail call void @KDSL_set_parallel(ptr noundef nonnull @on_the_pool, ptr noundef nonnull %5, i32 noundef %1) #4
  br label %7

6:                                                ; preds = %2
  tail call void @KDSL_set_parallel(ptr noundef nonnull @on_this_thread, ptr noundef null, i32 noundef 1) #4
  br label %7

7:                                                ; preds = %6, %4
  ret void
}

declare void @KDSL_set_parallel(ptr noundef, ptr noundef, i32 noundef) local_unnamed_addr #1

; Function Attrs: nounwind
define internal void @on_the_pool(ptr nocapture noundef readonly %0, ptr noundef %1, ptr noundef %2, i64 noundef %3) #0 {
  %5 = tail call i64 %0(ptr noundef nonnull @body_as_entry, ptr noundef %2, ptr noundef %1, i64 noundef %3, i64 noundef 1) #4
  %6 = icmp eq i64 %5, 0
  br i1 %6, label %7, label %8

7:                                                ; preds = %4
  tail call void %1(ptr noundef %2, i64 noundef 0, i64 noundef %3, i64 noundef 0) #4
  br label %8

8:                                                ; preds = %7, %4
  ret void
}

; Function Attrs: nounwind
define internal void @on_this_thread(ptr nocapture readnone %0, ptr nocapture noundef readonly %1, ptr noundef %2, i64 noundef %3) #0 {
  tail call void %1(ptr noundef %2, i64 noundef 0, i64 noundef %3, i64 noundef 0) #4
  ret void
}

; Function Attrs: mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none)
define void @KDSL_xla_version(i32 noundef %0) local_unnamed_addr #2 {
  store i32 %0, ptr @minor, align 4, !tbaa !4
  ret void
}

; Function Attrs: nounwind
define ptr @KDSL_xla_call(ptr noundef %0, ptr nocapture noundef readonly %1) local_unnamed_addr #0 {
  %3 = alloca %struct.ErrorArgs, align 8
  %4 = alloca %struct.ErrorArgs, align 8
  %5 = alloca %struct.ErrorArgs, align 8
  %6 = alloca %struct.ErrorArgs, align 8
  %7 = alloca [64 x %struct.kdsl_array], align 8
  %8 = alloca [64 x ptr], align 8
  %9 = getelementptr inbounds i8, ptr %1, i64 8
  %10 = load ptr, ptr %9, align 8, !tbaa !8
  %11 = icmp eq ptr %10, null
  br i1 %11, label %25, label %12

12:                                               ; preds = %2
  %13 = getelementptr inbounds i8, ptr %10, i64 8
  %14 = load i32, ptr %13, align 8, !tbaa !14
  %15 = icmp eq i32 %14, 1
  br i1 %15, label %16, label %25

16:                                               ; preds = %12
  %17 = getelementptr inbounds i8, ptr %10, i64 24
  %18 = load ptr, ptr %17, align 8, !tbaa !16
  %19 = load i32, ptr @minor, align 4, !tbaa !4
  %20 = getelementptr inbounds i8, ptr %18, i64 8
  store i64 24, ptr %20, align 8, !tbaa !18
  %21 = getelementptr inbounds i8, ptr %18, i64 16
  store ptr null, ptr %21, align 8, !tbaa !19
  %22 = getelementptr inbounds i8, ptr %18, i64 24
  store i32 0, ptr %22, align 8, !tbaa !4
  %23 = getelementptr inbounds i8, ptr %18, i64 28
  store i32 %19, ptr %23, align 4, !tbaa !4
  %24 = getelementptr inbounds i8, ptr %18, i64 32
  store i32 0, ptr %24, align 8, !tbaa !20
  br label %305

25:                                               ; preds = %12, %2
  %26 = getelementptr inbounds i8, ptr %1, i64 32
  %27 = load i32, ptr %26, align 8, !tbaa !23
  %28 = icmp eq i32 %27, 3
  br i1 %28, label %29, label %305

29:                                               ; preds = %25
  %30 = getelementptr inbounds i8, ptr %0, i64 16
  %31 = load i32, ptr %30, align 8, !tbaa !24
  %32 = sext i32 %31 to i64
  %33 = getelementptr inbounds i8, ptr %1, i64 136
  %34 = load i64, ptr %33, align 8, !tbaa !26
  %35 = icmp sgt i64 %34, 0
  br i1 %35, label %36, label %103

36:                                               ; preds = %29
  %37 = getelementptr inbounds i8, ptr %1, i64 144
  %38 = load ptr, ptr %37, align 8, !tbaa !27
  %39 = load i32, ptr %38, align 4, !tbaa !4
  %40 = icmp eq i32 %39, 1
  br i1 %40, label %41, label %54

41:                                               ; preds = %36
  %42 = getelementptr inbounds i8, ptr %1, i64 160
  %43 = load ptr, ptr %42, align 8, !tbaa !28
  %44 = load ptr, ptr %43, align 8, !tbaa !19
  %45 = load i32, ptr %44, align 8, !tbaa !29
  %46 = icmp eq i32 %45, 5
  br i1 %46, label %47, label %54

47:                                               ; preds = %41
  %48 = getelementptr inbounds i8, ptr %44, i64 8
  %49 = load i64, ptr %48, align 8, !tbaa !31
  %50 = icmp eq i64 %49, %32
  br i1 %50, label %51, label %54

51:                                               ; preds = %47
  %52 = getelementptr inbounds i8, ptr %44, i64 16
  %53 = load ptr, ptr %52, align 8, !tbaa !32
  br label %54

54:                                               ; preds = %36, %41, %47, %51
  %55 = phi ptr [ null, %36 ], [ %53, %51 ], [ null, %47 ], [ null, %41 ]
  %56 = icmp eq i64 %34, 1
  br i1 %56, label %103, label %57

57:                                               ; preds = %54
  %58 = getelementptr inbounds i8, ptr %38, i64 4
  %59 = load i32, ptr %58, align 4, !tbaa !4
  %60 = icmp eq i32 %59, 1
  br i1 %60, label %61, label %75

61:                                               ; preds = %57
  %62 = getelementptr inbounds i8, ptr %1, i64 160
  %63 = load ptr, ptr %62, align 8, !tbaa !28
  %64 = getelementptr inbounds i8, ptr %63, i64 8
  %65 = load ptr, ptr %64, align 8, !tbaa !19
  %66 = load i32, ptr %65, align 8, !tbaa !29
  %67 = icmp eq i32 %66, 5
  br i1 %67, label %68, label %75

68:                                               ; preds = %61
  %69 = getelementptr inbounds i8, ptr %65, i64 8
  %70 = load i64, ptr %69, align 8, !tbaa !31
  %71 = icmp eq i64 %70, 9
  br i1 %71, label %72, label %75

72:                                               ; preds = %68
  %73 = getelementptr inbounds i8, ptr %65, i64 16
  %74 = load ptr, ptr %73, align 8, !tbaa !32
  br label %75

75:                                               ; preds = %57, %61, %68, %72
  %76 = phi ptr [ null, %57 ], [ %74, %72 ], [ null, %68 ], [ null, %61 ]
  %77 = icmp ugt i64 %34, 2
  br i1 %77, label %78, label %103

78:                                               ; preds = %75
  %79 = getelementptr inbounds i8, ptr %38, i64 8
  %80 = load i32, ptr %79, align 4, !tbaa !4
  %81 = icmp eq i32 %80, 1
  br i1 %81, label %82, label %103

82:                                               ; preds = %78
  %83 = getelementptr inbounds i8, ptr %1, i64 160
  %84 = load ptr, ptr %83, align 8, !tbaa !28
  %85 = getelementptr inbounds i8, ptr %84, i64 16
  %86 = load ptr, ptr %85, align 8, !tbaa !19
  %87 = load i32, ptr %86, align 8, !tbaa !29
  %88 = icmp eq i32 %87, 5
  br i1 %88, label %89, label %103

89:                                               ; preds = %82
  %90 = getelementptr inbounds i8, ptr %86, i64 8
  %91 = load i64, ptr %90, align 8, !tbaa !31
  %92 = icmp eq i64 %91, %32
  br i1 %92, label %93, label %103

93:                                               ; preds = %89
  %94 = getelementptr inbounds i8, ptr %86, i64 16
  %95 = load ptr, ptr %94, align 8, !tbaa !32
  %96 = icmp eq ptr %55, null
  %97 = icmp eq ptr %76, null
  %98 = select i1 %96, i1 true, i1 %97
  %99 = icmp eq ptr %95, null
  %100 = select i1 %98, i1 true, i1 %99
  %101 = icmp sgt i32 %31, 64
  %102 = select i1 %100, i1 true, i1 %101
  br i1 %102, label %103, label %112

103:                                              ; preds = %29, %54, %82, %89, %75, %78, %93
  call void @llvm.lifetime.start.p0(i64 32, ptr nonnull %6) #5
  store i64 32, ptr %6, align 8, !tbaa !33
  %104 = getelementptr inbounds i8, ptr %6, i64 8
  store ptr null, ptr %104, align 8, !tbaa !35
  %105 = getelementptr inbounds i8, ptr %6, i64 16
  store ptr @.str, ptr %105, align 8, !tbaa !36
  %106 = getelementptr inbounds i8, ptr %6, i64 24
  store i32 3, ptr %106, align 8, !tbaa !37
  %107 = getelementptr inbounds i8, ptr %1, i64 16
  %108 = load ptr, ptr %107, align 8, !tbaa !38
  %109 = getelementptr inbounds i8, ptr %108, i64 48
  %110 = load ptr, ptr %109, align 8, !tbaa !39
  %111 = call ptr %110(ptr noundef nonnull %6) #4
  call void @llvm.lifetime.end.p0(i64 32, ptr nonnull %6) #5
  br label %305

112:                                              ; preds = %93
  call void @llvm.lifetime.start.p0(i64 1536, ptr nonnull %7) #5
  call void @llvm.lifetime.start.p0(i64 512, ptr nonnull %8) #5
  %113 = icmp sgt i32 %31, 0
  br i1 %113, label %114, label %271

114:                                              ; preds = %112
  %115 = getelementptr inbounds i8, ptr %1, i64 56
  %116 = getelementptr inbounds i8, ptr %1, i64 72
  %117 = getelementptr inbounds i8, ptr %1, i64 96
  %118 = getelementptr inbounds i8, ptr %1, i64 112
  br label %119

119:                                              ; preds = %114, %264
  %120 = phi i32 [ %31, %114 ], [ %265, %264 ]
  %121 = phi i64 [ 0, %114 ], [ %268, %264 ]
  %122 = phi i64 [ 0, %114 ], [ %267, %264 ]
  %123 = phi i64 [ 0, %114 ], [ %266, %264 ]
  %124 = load ptr, ptr %0, align 8, !tbaa !41
  %125 = getelementptr inbounds %struct.Param, ptr %124, i64 %121
  %126 = getelementptr inbounds i64, ptr %55, i64 %121
  %127 = load i64, ptr %126, align 8, !tbaa !18
  switch i64 %127, label %146 [
    i64 2, label %128
    i64 1, label %138
  ]

128:                                              ; preds = %119
  %129 = load i32, ptr %125, align 4, !tbaa !42
  %130 = icmp eq i32 %129, 0
  br i1 %130, label %131, label %146

131:                                              ; preds = %128
  %132 = getelementptr inbounds i8, ptr %125, i64 4
  %133 = load i32, ptr %132, align 4, !tbaa !44
  %134 = icmp slt i32 %133, 9
  br i1 %134, label %135, label %146

135:                                              ; preds = %131
  %136 = getelementptr inbounds i64, ptr %95, i64 %121
  %137 = getelementptr inbounds [64 x ptr], ptr %8, i64 0, i64 %121
  store ptr %136, ptr %137, align 8, !tbaa !19
  br label %264

138:                                              ; preds = %119
  %139 = load i64, ptr %115, align 8, !tbaa !45
  %140 = icmp slt i64 %122, %139
  br i1 %140, label %141, label %146

141:                                              ; preds = %138
  %142 = load ptr, ptr %116, align 8, !tbaa !46
  %143 = add nsw i64 %122, 1
  %144 = getelementptr inbounds ptr, ptr %142, i64 %122
  %145 = load ptr, ptr %144, align 8, !tbaa !19
  br label %146

146:                                              ; preds = %119, %128, %131, %141, %138
  %147 = phi ptr [ %145, %141 ], [ null, %138 ], [ null, %131 ], [ null, %128 ], [ null, %119 ]
  %148 = phi i64 [ %143, %141 ], [ %122, %138 ], [ %122, %131 ], [ %122, %128 ], [ %122, %119 ]
  %149 = getelementptr inbounds i8, ptr %125, i64 20
  %150 = load i32, ptr %149, align 4, !tbaa !47
  %151 = icmp eq i32 %150, 0
  br i1 %151, label %160, label %152

152:                                              ; preds = %146
  %153 = load i64, ptr %117, align 8, !tbaa !48
  %154 = icmp slt i64 %123, %153
  br i1 %154, label %155, label %160

155:                                              ; preds = %152
  %156 = load ptr, ptr %118, align 8, !tbaa !49
  %157 = add nsw i64 %123, 1
  %158 = getelementptr inbounds ptr, ptr %156, i64 %123
  %159 = load ptr, ptr %158, align 8, !tbaa !19
  br label %160

160:                                              ; preds = %155, %152, %146
  %161 = phi ptr [ %159, %155 ], [ null, %152 ], [ null, %146 ]
  %162 = phi i64 [ %157, %155 ], [ %123, %152 ], [ %123, %146 ]
  %163 = icmp ne ptr %161, null
  %164 = select i1 %163, ptr %161, ptr %147
  %165 = icmp eq ptr %164, null
  br i1 %165, label %255, label %166

166:                                              ; preds = %160
  %167 = icmp ne i64 %127, 1
  %168 = icmp ne ptr %147, null
  %169 = select i1 %167, i1 true, i1 %168
  %170 = or i1 %151, %163
  %171 = and i1 %169, %170
  br i1 %171, label %172, label %255

172:                                              ; preds = %166
  %173 = getelementptr inbounds i8, ptr %164, i64 32
  %174 = load i64, ptr %173, align 8, !tbaa !50
  %175 = load i32, ptr %125, align 4, !tbaa !42
  %176 = icmp eq i32 %175, 0
  br i1 %176, label %180, label %177

177:                                              ; preds = %172
  %178 = getelementptr inbounds i8, ptr %125, i64 8
  %179 = load i32, ptr %178, align 4, !tbaa !52
  br label %180

180:                                              ; preds = %172, %177
  %181 = phi i32 [ %179, %177 ], [ 0, %172 ]
  %182 = sext i32 %181 to i64
  %183 = icmp eq i64 %174, %182
  br i1 %183, label %184, label %255

184:                                              ; preds = %180
  %185 = and i1 %168, %163
  br i1 %185, label %186, label %213

186:                                              ; preds = %184
  %187 = getelementptr inbounds i8, ptr %147, i64 24
  %188 = load ptr, ptr %187, align 8, !tbaa !53
  %189 = getelementptr inbounds i8, ptr %161, i64 24
  %190 = load ptr, ptr %189, align 8, !tbaa !53
  %191 = icmp eq ptr %188, %190
  br i1 %191, label %239, label %192

192:                                              ; preds = %186
  %193 = getelementptr inbounds i8, ptr %125, i64 4
  %194 = load i32, ptr %193, align 4, !tbaa !44
  %195 = sext i32 %194 to i64
  %196 = getelementptr inbounds i8, ptr %161, i64 32
  %197 = load i64, ptr %196, align 8, !tbaa !50
  %198 = icmp sgt i64 %197, 0
  br i1 %198, label %199, label %210

199:                                              ; preds = %192
  %200 = getelementptr inbounds i8, ptr %161, i64 40
  %201 = load ptr, ptr %200, align 8, !tbaa !54
  br label %202

202:                                              ; preds = %202, %199
  %203 = phi i64 [ 0, %199 ], [ %208, %202 ]
  %204 = phi i64 [ %195, %199 ], [ %207, %202 ]
  %205 = getelementptr inbounds i64, ptr %201, i64 %203
  %206 = load i64, ptr %205, align 8, !tbaa !18
  %207 = mul i64 %206, %204
  %208 = add nuw nsw i64 %203, 1
  %209 = icmp eq i64 %208, %197
  br i1 %209, label %210, label %202, !llvm.loop !55

210:                                              ; preds = %202, %192
  %211 = phi i64 [ %195, %192 ], [ %207, %202 ]
  %212 = call ptr @memcpy(ptr noundef %190, ptr noundef %188, i64 noundef %211) #4
  br label %239

213:                                              ; preds = %184
  %214 = icmp eq ptr %161, null
  %215 = select i1 %214, i1 true, i1 %168
  br i1 %215, label %239, label %216

216:                                              ; preds = %213
  %217 = getelementptr inbounds i8, ptr %161, i64 24
  %218 = load ptr, ptr %217, align 8, !tbaa !53
  %219 = getelementptr inbounds i8, ptr %125, i64 4
  %220 = load i32, ptr %219, align 4, !tbaa !44
  %221 = sext i32 %220 to i64
  %222 = getelementptr inbounds i8, ptr %161, i64 32
  %223 = load i64, ptr %222, align 8, !tbaa !50
  %224 = icmp sgt i64 %223, 0
  br i1 %224, label %225, label %236

225:                                              ; preds = %216
  %226 = getelementptr inbounds i8, ptr %161, i64 40
  %227 = load ptr, ptr %226, align 8, !tbaa !54
  br label %228

228:                                              ; preds = %228, %225
  %229 = phi i64 [ 0, %225 ], [ %234, %228 ]
  %230 = phi i64 [ %221, %225 ], [ %233, %228 ]
  %231 = getelementptr inbounds i64, ptr %227, i64 %229
  %232 = load i64, ptr %231, align 8, !tbaa !18
  %233 = mul i64 %232, %230
  %234 = add nuw nsw i64 %229, 1
  %235 = icmp eq i64 %234, %223
  br i1 %235, label %236, label %228, !llvm.loop !55

236:                                              ; preds = %228, %216
  %237 = phi i64 [ %221, %216 ], [ %233, %228 ]
  %238 = call ptr @memset(ptr noundef %218, i32 noundef 0, i64 noundef %237) #4
  br label %239

239:                                              ; preds = %186, %213, %236, %210
  %240 = getelementptr inbounds [64 x %struct.kdsl_array], ptr %7, i64 0, i64 %121
  %241 = getelementptr inbounds i8, ptr %164, i64 24
  %242 = load ptr, ptr %241, align 8, !tbaa !53
  %243 = getelementptr inbounds i8, ptr %164, i64 40
  %244 = load ptr, ptr %243, align 8, !tbaa !54
  store ptr %242, ptr %240, align 8, !tbaa !19
  %245 = getelementptr inbounds i8, ptr %240, i64 8
  store ptr %244, ptr %245, align 8, !tbaa !19
  %246 = getelementptr inbounds i8, ptr %240, i64 16
  store ptr null, ptr %246, align 8, !tbaa !19
  %247 = load i32, ptr %125, align 4, !tbaa !42
  %248 = icmp eq i32 %247, 0
  br i1 %248, label %249, label %251

249:                                              ; preds = %239
  %250 = load ptr, ptr %241, align 8, !tbaa !53
  br label %251

251:                                              ; preds = %239, %249
  %252 = phi ptr [ %250, %249 ], [ %240, %239 ]
  %253 = getelementptr inbounds [64 x ptr], ptr %8, i64 0, i64 %121
  store ptr %252, ptr %253, align 8, !tbaa !19
  %254 = load i32, ptr %30, align 8, !tbaa !24
  br label %264

255:                                              ; preds = %166, %180, %160
  call void @llvm.lifetime.start.p0(i64 32, ptr nonnull %5) #5
  store i64 32, ptr %5, align 8, !tbaa !33
  %256 = getelementptr inbounds i8, ptr %5, i64 8
  store ptr null, ptr %256, align 8, !tbaa !35
  %257 = getelementptr inbounds i8, ptr %5, i64 16
  store ptr @.str.1, ptr %257, align 8, !tbaa !36
  %258 = getelementptr inbounds i8, ptr %5, i64 24
  store i32 3, ptr %258, align 8, !tbaa !37
  %259 = getelementptr inbounds i8, ptr %1, i64 16
  %260 = load ptr, ptr %259, align 8, !tbaa !38
  %261 = getelementptr inbounds i8, ptr %260, i64 48
  %262 = load ptr, ptr %261, align 8, !tbaa !39
  %263 = call ptr %262(ptr noundef nonnull %5) #4
  call void @llvm.lifetime.end.p0(i64 32, ptr nonnull %5) #5
  br label %303

264:                                              ; preds = %135, %251
  %265 = phi i32 [ %254, %251 ], [ %120, %135 ]
  %266 = phi i64 [ %162, %251 ], [ %123, %135 ]
  %267 = phi i64 [ %148, %251 ], [ %122, %135 ]
  %268 = add nuw nsw i64 %121, 1
  %269 = sext i32 %265 to i64
  %270 = icmp slt i64 %268, %269
  br i1 %270, label %119, label %271, !llvm.loop !57

271:                                              ; preds = %264, %112
  %272 = phi i64 [ 0, %112 ], [ %266, %264 ]
  %273 = phi i64 [ 0, %112 ], [ %267, %264 ]
  %274 = getelementptr inbounds i8, ptr %1, i64 56
  %275 = load i64, ptr %274, align 8, !tbaa !45
  %276 = icmp eq i64 %273, %275
  br i1 %276, label %277, label %281

277:                                              ; preds = %271
  %278 = getelementptr inbounds i8, ptr %1, i64 96
  %279 = load i64, ptr %278, align 8, !tbaa !48
  %280 = icmp eq i64 %272, %279
  br i1 %280, label %290, label %281

281:                                              ; preds = %277, %271
  call void @llvm.lifetime.start.p0(i64 32, ptr nonnull %4) #5
  store i64 32, ptr %4, align 8, !tbaa !33
  %282 = getelementptr inbounds i8, ptr %4, i64 8
  store ptr null, ptr %282, align 8, !tbaa !35
  %283 = getelementptr inbounds i8, ptr %4, i64 16
  store ptr @.str.1, ptr %283, align 8, !tbaa !36
  %284 = getelementptr inbounds i8, ptr %4, i64 24
  store i32 3, ptr %284, align 8, !tbaa !37
  %285 = getelementptr inbounds i8, ptr %1, i64 16
  %286 = load ptr, ptr %285, align 8, !tbaa !38
  %287 = getelementptr inbounds i8, ptr %286, i64 48
  %288 = load ptr, ptr %287, align 8, !tbaa !39
  %289 = call ptr %288(ptr noundef nonnull %4) #4
  call void @llvm.lifetime.end.p0(i64 32, ptr nonnull %4) #5
  br label %303

290:                                              ; preds = %277
  %291 = call i32 @KDSL_launch_kernel(ptr noundef nonnull %0, ptr noundef nonnull %76, ptr noundef nonnull %8) #4
  %292 = icmp eq i32 %291, 0
  br i1 %292, label %303, label %293

293:                                              ; preds = %290
  %294 = call ptr @KDSL_error_text(i32 noundef %291) #4
  call void @llvm.lifetime.start.p0(i64 32, ptr nonnull %3) #5
  store i64 32, ptr %3, align 8, !tbaa !33
  %295 = getelementptr inbounds i8, ptr %3, i64 8
  store ptr null, ptr %295, align 8, !tbaa !35
  %296 = getelementptr inbounds i8, ptr %3, i64 16
  store ptr %294, ptr %296, align 8, !tbaa !36
  %297 = getelementptr inbounds i8, ptr %3, i64 24
  store i32 3, ptr %297, align 8, !tbaa !37
  %298 = getelementptr inbounds i8, ptr %1, i64 16
  %299 = load ptr, ptr %298, align 8, !tbaa !38
  %300 = getelementptr inbounds i8, ptr %299, i64 48
  %301 = load ptr, ptr %300, align 8, !tbaa !39
  %302 = call ptr %301(ptr noundef nonnull %3) #4
  call void @llvm.lifetime.end.p0(i64 32, ptr nonnull %3) #5
  br label %303

303:                                              ; preds = %255, %293, %290, %281
  %304 = phi ptr [ %289, %281 ], [ %302, %293 ], [ null, %290 ], [ %263, %255 ]
  call void @llvm.lifetime.end.p0(i64 512, ptr nonnull %8) #5
  call void @llvm.lifetime.end.p0(i64 1536, ptr nonnull %7) #5
  br label %305

305:                                              ; preds = %103, %303, %25, %16
  %306 = phi ptr [ null, %16 ], [ null, %25 ], [ %111, %103 ], [ %304, %303 ]
  ret ptr %306
}

; Function Attrs: mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.start.p0(i64 immarg, ptr nocapture) #3

; Function Attrs: mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.end.p0(i64 immarg, ptr nocapture) #3

declare ptr @memcpy(ptr noundef, ptr noundef, i64 noundef) local_unnamed_addr #1

declare ptr @memset(ptr noundef, i32 noundef, i64 noundef) local_unnamed_addr #1

declare i32 @KDSL_launch_kernel(ptr noundef, ptr noundef, ptr noundef) local_unnamed_addr #1

declare ptr @KDSL_error_text(i32 noundef) local_unnamed_addr #1

; Function Attrs: nounwind
define internal void @body_as_entry(ptr noundef %0, ptr nocapture noundef readonly %1, i64 noundef %2, i64 noundef %3, i64 noundef %4) #0 {
  tail call void %1(ptr noundef %0, i64 noundef %2, i64 noundef %3, i64 noundef %4) #4
  ret void
}

attributes #0 = { nounwind "frame-pointer"="non-leaf" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #1 = { "frame-pointer"="non-leaf" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #2 = { mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none) "frame-pointer"="non-leaf" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #3 = { mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite) }
attributes #4 = { nobuiltin nounwind "no-builtins" }
attributes #5 = { nounwind }

!llvm.module.flags = !{!0, !1, !2}

!0 = !{i32 1, !"wchar_size", i32 4}
!1 = !{i32 8, !"PIC Level", i32 2}
!2 = !{i32 7, !"frame-pointer", i32 1}
!3 = !{!"Debian clang version 19.1.7 (3~deb12u1)"}
!4 = !{!5, !5, i64 0}
!5 = !{!"int", !6, i64 0}
!6 = !{!"omnipotent char", !7, i64 0}
!7 = !{!"Simple C/C++ TBAA"}
!8 = !{!9, !11, i64 8}
!9 = !{!"", !10, i64 0, !11, i64 8, !11, i64 16, !11, i64 24, !5, i64 32, !12, i64 40, !12, i64 80, !13, i64 120}
!10 = !{!"long", !6, i64 0}
!11 = !{!"any pointer", !6, i64 0}
!12 = !{!"", !10, i64 0, !11, i64 8, !10, i64 16, !11, i64 24, !11, i64 32}
!13 = !{!"", !10, i64 0, !11, i64 8, !10, i64 16, !11, i64 24, !11, i64 32, !11, i64 40}
!14 = !{!15, !5, i64 8}
!15 = !{!"Extension", !10, i64 0, !5, i64 8, !11, i64 16}
!16 = !{!17, !11, i64 24}
!17 = !{!"", !15, i64 0, !11, i64 24}
!18 = !{!10, !10, i64 0}
!19 = !{!11, !11, i64 0}
!20 = !{!21, !5, i64 32}
!21 = !{!"", !10, i64 0, !22, i64 8, !5, i64 32}
!22 = !{!"", !10, i64 0, !11, i64 8, !5, i64 16, !5, i64 20}
!23 = !{!9, !5, i64 32}
!24 = !{!25, !5, i64 16}
!25 = !{!"", !11, i64 0, !11, i64 8, !5, i64 16, !5, i64 20}
!26 = !{!13, !10, i64 16}
!27 = !{!13, !11, i64 24}
!28 = !{!13, !11, i64 40}
!29 = !{!30, !5, i64 0}
!30 = !{!"", !5, i64 0, !10, i64 8, !11, i64 16}
!31 = !{!30, !10, i64 8}
!32 = !{!30, !11, i64 16}
!33 = !{!34, !10, i64 0}
!34 = !{!"", !10, i64 0, !11, i64 8, !11, i64 16, !5, i64 24}
!35 = !{!34, !11, i64 8}
!36 = !{!34, !11, i64 16}
!37 = !{!34, !5, i64 24}
!38 = !{!9, !11, i64 16}
!39 = !{!40, !11, i64 48}
!40 = !{!"", !10, i64 0, !11, i64 8, !22, i64 16, !11, i64 40, !11, i64 48}
!41 = !{!25, !11, i64 0}
!42 = !{!43, !5, i64 0}
!43 = !{!"", !5, i64 0, !5, i64 4, !5, i64 8, !5, i64 12, !5, i64 16, !5, i64 20}
!44 = !{!43, !5, i64 4}
!45 = !{!9, !10, i64 56}
!46 = !{!9, !11, i64 72}
!47 = !{!43, !5, i64 20}
!48 = !{!9, !10, i64 96}
!49 = !{!9, !11, i64 112}
!50 = !{!51, !10, i64 32}
!51 = !{!"", !10, i64 0, !11, i64 8, !5, i64 16, !11, i64 24, !10, i64 32, !11, i64 40}
!52 = !{!43, !5, i64 8}
!53 = !{!51, !11, i64 24}
!54 = !{!51, !11, i64 40}
!55 = distinct !{!55, !56}
!56 = !{!"llvm.loop.mustprogress"}
!57 = distinct !{!57, !56}
